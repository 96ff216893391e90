/** One attempt of an operation: a request within its time, and what its answer means to the caller. */
import { Caller } from "@bookio-kit/core/access/Caller"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { ValidationError } from "@bookio-kit/core/error/Refusal"
import { problemsOf } from "@bookio-kit/core/text/Problems"
import { type Language, say } from "@bookio-kit/core/text/Text"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { HttpClientResponse } from "effect/http/HttpClientResponse"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { Account } from "./Account.ts"
import type { Answer } from "./Answer.ts"
import { asOfMs, judge, type Kind, type Malformation, retryAfterMs, type Verdict } from "./Answers.ts"
import { MalformedAnswer, NoAnswer, sha256, UnexpectedCode } from "./Failures.ts"
import type { Limits } from "./Limits.ts"
import { Received } from "./Received.ts"
import { toRefusal } from "./Refusals.ts"
import type { Attempt } from "./Retry.ts"
import { remember } from "./Said.ts"
import { observed } from "./Telemetry.ts"
import { open, type ReceivedAnswer, receive, type Silence } from "./Transport.ts"

/** An operation with its arguments: how it is sent, and the schema of its success. */
export interface Call<A> {
  readonly operation: string
  readonly success: Schema.ConstraintDecoder<{ readonly result: { readonly data: A } }>
  readonly send: (query: { readonly lang: Language }) => Effect.Effect<HttpClientResponse, unknown, Account>
  /** Takes an answer that is a stream of events in place of an envelope. */
  readonly take?: (response: HttpClientResponse) => Effect.Effect<A, BackendError>
}

const isEventStream = ({ headers, status }: HttpClientResponse): boolean =>
  status === 200 && /^text\/event-stream\s*(?:;|$)/i.test(headers["content-type"] ?? "")

export interface AttemptOptions {
  /** Whose calls they are. */
  readonly account: Account["Service"]
  readonly requestTimeoutMs: number
  readonly limits: Limits
  /** Takes the server's clock, Unix time in milliseconds, as each answer tells it. */
  readonly onServerTime: (epochMs: number, nowMs: number) => void
}

const failed = (error: BackendError, nothingDone = false): Answer<never> => ({ _tag: "Failure", error, nothingDone })

const silent = ({ code, unsent }: Silence, kind: Kind): Answer<never> =>
  failed(
    new BackendError({
      reason: unsent || kind === "read" ? "Unreachable" : "OutcomeUnknown",
      cause: new NoAnswer(code === undefined ? {} : { code })
    }),
    unsent
  )

// What the server would refuse for its form is refused here, in the same words, and not sent.
const misformed = ({ issue }: Schema.SchemaError): Answer<never> => {
  const [first = say("invalid"), ...others] = problemsOf(issue)
  return { _tag: "Refusal", error: new ValidationError({ problems: [first, ...others] }) }
}

const malformed = Effect.fnUntraced(function* (raw: ReceivedAnswer, problem: Malformation, waitMs: number | undefined) {
  const digest = raw.ended === "whole" ? yield* sha256(raw.bytes) : undefined
  const cause = new MalformedAnswer({
    problem,
    status: raw.status,
    contentType: raw.headers["content-type"]?.slice(0, 100),
    length: raw.length,
    ...(digest === undefined ? {} : { sha256: digest })
  })
  const retryAfter = waitMs === undefined ? {} : { retryAfterMs: waitMs }
  return failed(new BackendError({ reason: "MalformedResponse", cause, ...retryAfter }))
})

const understood = Effect.fnUntraced(function* <A>(
  call: Call<A>,
  raw: ReceivedAnswer,
  verdict: Verdict,
  language: Language
): Effect.fn.Return<Answer<A>> {
  switch (verdict._tag) {
    case "Success": {
      // Beside the data an envelope has only what was read already.
      const decoded = Schema.decodeUnknownResult(call.success)({ result: { success: true, data: verdict.data } })
      if (Result.isFailure(decoded)) return yield* malformed(raw, "data", undefined)
      return { _tag: "Success", data: decoded.success.result.data, said: verdict.said, asOfMs: asOfMs(raw.headers) }
    }
    case "Refusal":
      return { _tag: "Refusal", error: remember(toRefusal(verdict, call.operation, language), verdict.said) }
    case "Failure": {
      const waitMs = retryAfterMs(raw.headers, yield* Clock.currentTimeMillis)
      if (verdict.malformation !== undefined) return yield* malformed(raw, verdict.malformation, waitMs)
      const { code, nothingDone, reason } = verdict
      return failed(
        new BackendError({
          reason,
          cause: new UnexpectedCode({ status: raw.status, ...(code === undefined ? {} : { code }) }),
          ...(waitMs === undefined ? {} : { retryAfterMs: waitMs })
        }),
        nothingDone
      )
    }
  }
})

const taken = <A>(take: Effect.Effect<A, BackendError>, { headers }: HttpClientResponse): Effect.Effect<Answer<A>> =>
  Effect.match(take, {
    onFailure: (error): Answer<A> => failed(error),
    onSuccess: (data): Answer<A> => ({ _tag: "Success", data, said: [], asOfMs: asOfMs(headers) })
  })

/** The attempts of a call, each within the limits, its own time-out and the deadline. */
export const makeAttempt =
  (options: AttemptOptions) =>
  <A>(call: Call<A>, kind: Kind, requestId: string): Attempt<A, Caller> =>
    Effect.fnUntraced(function* (startByMs, deadlineMs) {
      const { language } = yield* Caller
      const read = (raw: ReceivedAnswer) =>
        Effect.gen(function* () {
          const serverMs = asOfMs(raw.headers)
          if (serverMs !== undefined) options.onServerTime(serverMs, yield* Clock.currentTimeMillis)
          return yield* understood(call, raw, judge(raw, kind), language)
        })
      // Made when it is needed: an error takes as long as much of a request.
      const timedOut = Effect.sync(
        (): Answer<A> => failed(new BackendError({ reason: kind === "read" ? "Timeout" : "OutcomeUnknown" }))
      )
      const received = (yield* Received)?.take(call.operation)
      if (received !== undefined) {
        const { answer, sentMs } = received
        const told =
          answer === "timeout" ? timedOut : "unsent" in answer ? Effect.succeed(silent(answer, kind)) : read(answer)
        return yield* options.limits.run(startByMs, observed<A, never>(call.operation, requestId, told, sentMs))
      }
      const request = Effect.gen(function* () {
        const leftMs = Math.min(options.requestTimeoutMs, deadlineMs - (yield* Clock.currentTimeMillis))
        return yield* open(Effect.provideService(call.send({ lang: language }), Account, options.account)).pipe(
          Effect.flatMap((response) =>
            call.take !== undefined && isEventStream(response)
              ? taken(call.take(response), response)
              : Effect.flatMap(receive(response), read)
          ),
          Effect.catch((error) =>
            Effect.succeed(error instanceof Schema.SchemaError ? misformed(error) : silent(error, kind))
          ),
          Effect.timeoutOrElse({
            duration: Math.max(1, leftMs),
            orElse: () => timedOut
          })
        )
      })
      return yield* options.limits.run(startByMs, observed(call.operation, requestId, request))
    })
