/** Bearer tokens at the edge: who is asking, or errorCode 20 before anything else is looked at. */
import { Authenticator } from "@bookio-kit/core/access/Authenticator"
import { Caller } from "@bookio-kit/core/access/Caller"
import { Authorization } from "@bookio-kit/core/api/Authorization"
import * as Effect from "effect/Effect"
import type * as Headers from "effect/http/Headers"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { answerError, languageOfUrl } from "./Failures.ts"
import { RequestInfo } from "./RequestInfo.ts"

/** The Bearer token of a request outside the contract; empty where there is none. */
export const bearerOf = ({ authorization = "" }: Headers.Headers): Redacted.Redacted =>
  Redacted.make(/^bearer +(.*)$/i.exec(authorization)?.[1] ?? "")

export const layer = Layer.effect(Authorization)(
  Effect.gen(function* () {
    const { authenticate } = yield* Authenticator
    return Authorization.of({
      bearer: Effect.fnUntraced(function* (httpEffect, { credential, endpoint }) {
        const info = yield* RequestInfo
        info.operation = endpoint.identifier
        const known = yield* Effect.result(authenticate(credential))
        if (Result.isFailure(known)) return yield* answerError(known.failure)
        const request = yield* HttpServerRequest.HttpServerRequest
        info.channelId = known.success.channelId
        return yield* Effect.provideService(
          httpEffect,
          Caller,
          Caller.of({ ...known.success, language: languageOfUrl(request.url) })
        )
      })
    })
  })
)
