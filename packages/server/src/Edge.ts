/**
 * What surrounds every request: its id, its time limit, an answer for whatever goes wrong, one line in the access log, and its
 * count.
 * It is the router's global middleware, so that also a path that does not exist is answered in the envelope.
 */
import { Authenticator } from "@bookio-kit/core/access/Authenticator"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { EndpointNotFound } from "@bookio-kit/core/error/Refusal"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import { HttpServerError } from "effect/http/HttpServerError"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import type { unhandled } from "effect/Types"
import { AccessLog } from "./AccessLog.ts"
import { bearerOf } from "./Authorization.ts"
import { answerDefect, answerError } from "./Failures.ts"
import * as Metrics from "./Metrics.ts"
import { RequestInfo, requestIdOf } from "./RequestInfo.ts"

/** The longest that a request is worked on; the answer is then `Timeout`, or `OutcomeUnknown` for a write. */
const timeLimit = Duration.seconds(30)

const isWrite = (method: string) => method === "POST" || method === "PUT" || method === "DELETE" || method === "PATCH"

// The order of checks: errorCode 20 before 404, so that an unknown caller learns nothing about paths.
const answerNotFound = Effect.fnUntraced(function* (request: HttpServerRequest.HttpServerRequest) {
  const { authenticate } = yield* Authenticator
  return yield* authenticate(bearerOf(request.headers)).pipe(
    Effect.andThen(new EndpointNotFound()),
    Effect.catch((error) => answerError(error))
  )
})

const answerCause = Effect.fnUntraced(function* (cause: Cause.Cause<unknown>) {
  const request = yield* HttpServerRequest.HttpServerRequest
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  if (error instanceof HttpServerError && error.reason._tag === "RouteNotFound") return yield* answerNotFound(request)
  return yield* answerDefect(cause)
})

export const layer = HttpRouter.middleware(
  Effect.gen(function* () {
    const { authenticate } = yield* Authenticator
    const accessLog = yield* AccessLog
    const record = Metrics.makeRecorder(yield* Effect.context<never>())
    return (httpEffect: Effect.Effect<HttpServerResponse.HttpServerResponse, unhandled>) =>
      Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest
        const startedMs = yield* Clock.currentTimeMillis
        const info: RequestInfo = { requestId: requestIdOf(request.headers) }
        const response = yield* httpEffect.pipe(
          Effect.timeoutOrElse({
            duration: timeLimit,
            orElse: () =>
              answerError(new BackendError({ reason: isWrite(request.method) ? "OutcomeUnknown" : "Timeout" }))
          }),
          Effect.catchCause((cause) =>
            // A caller that has gone away needs no answer.
            Cause.hasInterruptsOnly(cause) ? Effect.failCause(cause) : answerCause(cause)
          ),
          Effect.provideService(RequestInfo, info),
          Effect.provideService(Authenticator, { authenticate })
        )
        record(info.operation, response.status, (yield* Clock.currentTimeMillis) - startedMs)
        accessLog.write({ ...info, method: request.method, status: response.status, startedMs })
        return HttpServerResponse.setHeader(response, "x-request-id", info.requestId)
      })
  }),
  { global: true }
)
