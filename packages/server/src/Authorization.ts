/** Bearer tokens at the edge: who is asking, or errorCode 20 before anything else is looked at. */
import { Authenticator } from "@bookio-kit/core/access/Authenticator"
import { Caller } from "@bookio-kit/core/access/Caller"
import { Authorization } from "@bookio-kit/core/api/Authorization"
import * as Effect from "effect/Effect"
import type * as Headers from "effect/http/Headers"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { answerError, languageOfUrl } from "./Failures.ts"
import { RequestInfo } from "./RequestInfo.ts"

/** The Bearer token of a request outside the contract; empty where there is none. */
export const bearerOf = ({ authorization = "" }: Headers.Headers): Redacted.Redacted =>
  Redacted.make(/^bearer +(.*)$/i.exec(authorization)?.[1] ?? "")

export const layer = Layer.effect(Authorization)(
  Effect.gen(function* () {
    const { authenticate } = yield* Authenticator
    return Authorization.of({
      bearer: (httpEffect, { credential, endpoint }) =>
        Effect.flatMap(RequestInfo, (info) => {
          info.operation = endpoint.identifier
          return Effect.matchEffect(authenticate(credential), {
            onFailure: (error) => answerError(error),
            onSuccess: (known) =>
              Effect.flatMap(HttpServerRequest.HttpServerRequest, ({ url }) => {
                info.channelId = known.channelId
                info.access = known.access
                return Effect.provideService(httpEffect, Caller, Caller.of({ ...known, language: languageOfUrl(url) }))
              })
          })
        })
    })
  })
)
