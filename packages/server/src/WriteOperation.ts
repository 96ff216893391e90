/**
 * What a handler of a writing operation does around its port, in place of `Operation.serve`: the answer is made inside the
 * write, so that the backend stores with it what must outlive the request (`core/write/Writes.ts`): the audit log, and the
 * answer itself under the caller's `Idempotency-Key`.
 */
import { Caller } from "@bookio-kit/core/access/Caller"
import { type ApiError, toFailure, toWireError } from "@bookio-kit/core/api/Envelope"
import type { BackendError } from "@bookio-kit/core/error/BackendError"
import { type IdempotencyKey, replayedHeader } from "@bookio-kit/core/idempotency/IdempotencyKey"
import type { Language, Text } from "@bookio-kit/core/text/Text"
import { type Answer, type Answered, type RecordIds, type Write, Writes } from "@bookio-kit/core/write/Writes"
import * as Effect from "effect/Effect"
import type * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as Schema from "effect/Schema"
import { answerError, headersOf } from "./Failures.ts"
import { checkAccess, success } from "./Operation.ts"
import { RequestInfo } from "./RequestInfo.ts"

/** A decoded request of a writing operation. */
interface WriteRequest {
  readonly endpoint: HttpApiEndpoint.Constraint
  readonly request: HttpServerRequest.HttpServerRequest
  readonly params?: object
  readonly payload?: object
  readonly headers?: { readonly "idempotency-key"?: IdempotencyKey }
}

const idNames = ["facilityId", "calendarId", "serviceId", "reservationId", "blockedTimeId"] as const

// A request names its records by these members only, and a creation's answer what it made.
const idsOf = (...sources: ReadonlyArray<object | undefined>): RecordIds => {
  const ids: { [name: string]: number } = {}
  for (const source of sources) {
    for (const name of idNames) {
      const id = (source as { readonly [name: string]: unknown } | undefined)?.[name]
      if (typeof id === "number") ids[name] = id
    }
  }
  return ids as RecordIds
}

const utf8 = new TextEncoder()
const bytesOf = (envelope: unknown): Uint8Array => utf8.encode(JSON.stringify(envelope))

// By the schema of an operation's success, for making one takes longer than its use.
const encoders = new WeakMap<object, (envelope: unknown) => unknown>()
const encoderOf = (schema: Schema.Codec<unknown>) => {
  const known = encoders.get(schema)
  if (known !== undefined) return known
  const encode = Schema.encodeUnknownSync(schema)
  encoders.set(schema, encode)
  return encode
}

/** Runs the port and makes the answer: of a success by the contract, of a refusal by the table of errors. */
const answerOf = <A extends object, R>(
  request: WriteRequest,
  run: Effect.Effect<A, ApiError, R>,
  warningsOf: (value: A) => ReadonlyArray<Text>,
  requestId: string,
  language: Language
): Effect.Effect<Answer, BackendError, R | Caller> => {
  const { method, success: schemas } = request.endpoint as HttpApiEndpoint.Top
  const [schema] = schemas
  // What does not fit the contract is a defect, as everywhere, and undoes the write.
  const encode = encoderOf(schema as Schema.Codec<unknown>)
  return checkAccess(request).pipe(
    Effect.andThen(run),
    Effect.map((value) => ({
      status: 200,
      body: bytesOf(encode(success(value, warningsOf(value), language))),
      ...(method === "POST" ? { ids: idsOf(value) } : {})
    })),
    Effect.catch((error) => {
      if (error._tag === "BackendError") return Effect.fail(error)
      const { errorCode, status } = toWireError(error, requestId)
      const body = bytesOf(toFailure(error, requestId, language))
      return Effect.succeed(errorCode === undefined ? { status, body } : { status, errorCode, body })
    })
  )
}

const idempotencyOf = Effect.fnUntraced(function* ({ headers, request }: WriteRequest) {
  const key = headers?.["idempotency-key"]
  if (key === undefined) return {}
  // Read once already, by the check of the request's form, so this neither waits nor fails.
  const body = new Uint8Array(yield* Effect.orDie(request.arrayBuffer))
  return { idempotency: { key, body } }
})

const toResponse = ({ body, isReplay, status }: Answered) =>
  HttpServerResponse.uint8Array(body, {
    status,
    contentType: "application/json",
    headers: { ...headersOf(status), ...(isReplay ? { [replayedHeader]: "true" } : {}) }
  })

/** Makes what serves a writing operation over the backend's `Writes`; it does all that `Operation.serve` does. */
export const makeServeWrite = Effect.map(
  Writes,
  (writes) =>
    <A extends object, R>(
      request: WriteRequest,
      run: Effect.Effect<A, ApiError, R>,
      warningsOf: (value: A) => ReadonlyArray<Text> = () => []
    ) =>
      Effect.gen(function* () {
        const info = yield* RequestInfo
        const { language } = yield* Caller
        const write: Write = {
          operation: request.endpoint.identifier,
          requestId: info.requestId,
          ids: idsOf(request.payload, request.params),
          ...(yield* idempotencyOf(request))
        }
        const answered = yield* writes.run(write, answerOf(request, run, warningsOf, info.requestId, language))
        if (answered.errorCode !== undefined) info.errorCode = answered.errorCode
        return toResponse(answered)
      }).pipe(Effect.catch((error) => answerError(error)))
)
