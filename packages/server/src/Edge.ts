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
import * as Fiber from "effect/Fiber"
import * as HttpRouter from "effect/http/HttpRouter"
import { HttpServerError } from "effect/http/HttpServerError"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Option from "effect/Option"
import type { unhandled } from "effect/Types"
import { AccessLog } from "./AccessLog.ts"
import { bearerOf } from "./Authorization.ts"
import { answerDefect, answerError } from "./Failures.ts"
import { KnownAnswers } from "./KnownAnswers.ts"
import * as Metrics from "./Metrics.ts"
import { beganMs, RequestInfo, requestIdOf } from "./RequestInfo.ts"

/** The longest that a request is worked on; the answer is then `Timeout`, or `OutcomeUnknown` for a write. */
const timeLimit = Duration.seconds(30)

const isWrite = (method: string) => method === "POST" || method === "PUT" || method === "DELETE" || method === "PATCH"

type Authenticate = Authenticator["Service"]["authenticate"]

// The order of checks: errorCode 20 before 404, so that an unknown caller learns nothing about paths.
const answerNotFound = (request: HttpServerRequest.HttpServerRequest, authenticate: Authenticate) =>
  authenticate(bearerOf(request.headers)).pipe(
    Effect.andThen(new EndpointNotFound()),
    Effect.catch((error) => answerError(error))
  )

const answerCause = (
  cause: Cause.Cause<unknown>,
  request: HttpServerRequest.HttpServerRequest,
  authenticate: Authenticate
) => {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  return error instanceof HttpServerError && error.reason._tag === "RouteNotFound"
    ? answerNotFound(request, authenticate)
    : answerDefect(cause)
}

const overdue = (method: string) =>
  answerError(new BackendError({ reason: isWrite(method) ? "OutcomeUnknown" : "Timeout" }))

type Handled = Effect.Effect<HttpServerResponse.HttpServerResponse, unhandled>

/** Ends a request at its time limit. A read that is answered without having to wait is not timed at all. */
const withinLimit = (httpEffect: Handled, method: string) =>
  isWrite(method)
    ? Effect.timeoutOrElse(httpEffect, { duration: timeLimit, orElse: () => overdue(method) })
    : Effect.flatMap(Effect.forkChild(httpEffect, { startImmediately: true }), (fiber) => {
        const exit = fiber.pollUnsafe()
        if (exit !== undefined) return exit
        return Fiber.join(fiber).pipe(
          Effect.timeoutOrElse({
            duration: timeLimit,
            orElse: () => Effect.andThen(Fiber.interrupt(fiber), overdue(method))
          }),
          Effect.onInterrupt(() => Fiber.interrupt(fiber))
        )
      })

export const layer = HttpRouter.middleware(
  Effect.gen(function* () {
    const { authenticate } = yield* Authenticator
    const accessLog = yield* AccessLog
    const known = yield* KnownAnswers
    const clock = yield* Clock.Clock
    const record = Metrics.makeRecorder(yield* Effect.context<never>())
    return (httpEffect: Handled) =>
      Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) => {
        const startedMs = beganMs.get(request.source) ?? clock.currentTimeMillisUnsafe()
        const info: RequestInfo = { requestId: requestIdOf(request.headers) }
        const state = known.stateBefore(request.method)
        return withinLimit(httpEffect, request.method).pipe(
          Effect.catchCause((cause) =>
            // A caller that has gone away needs no answer.
            Cause.hasInterruptsOnly(cause) ? Effect.failCause(cause) : answerCause(cause, request, authenticate)
          ),
          Effect.map((response) => {
            record(info.operation, response.status, clock.currentTimeMillisUnsafe() - startedMs)
            const { access: _, isLasting, ...told } = info
            accessLog.write({ ...told, method: request.method, status: response.status, startedMs })
            if (isLasting === true) known.keep(state, request.url, info, response)
            return HttpServerResponse.setHeader(response, "x-request-id", info.requestId)
          }),
          Effect.provideService(RequestInfo, info)
        )
      })
  }),
  { global: true }
)
