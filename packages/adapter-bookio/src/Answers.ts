/**
 * What an answer means (api.md, "Errors"): the one table from status, headers and bytes to a success, a refusal or a
 * failure. The envelope decides and not the HTTP status; the reference shows no error body, so the code is looked for in
 * every place it may stand in. Pure and total: any bytes have a meaning.
 */
import { BackendErrorReason } from "@bookio-kit/core/error/BackendError"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"

/** Whether a repeat is always safe: an operation that only reads, or one that changes something. */
export type Kind = "read" | "write"

/** An answer as it came. `cut`: the connection ended before the body did. `tooLong`: the rest was not read. */
export interface RawAnswer {
  readonly status: number
  /** By name in lower case. */
  readonly headers: { readonly [name: string]: string | undefined }
  readonly bytes: Uint8Array
  readonly ended: "whole" | "cut" | "tooLong"
}

/** The codes of the reference's table that refuse a request. */
export type RefusalCode = 10 | 11 | 12 | 20 | 30 | 40 | 403 | 404

/** What is wrong with a body that is no envelope, or whose data is not what the operation gives. */
export type Malformation = "cut" | "tooLong" | "notJson" | "notEnvelope" | "data"

/**
 * What an answer says. `nothingDone` is proof that a write had no effect: status 429, or an envelope with reason
 * `RateLimited` or `Overloaded` (api.md, "Unknown outcome").
 */
export type Verdict =
  | { readonly _tag: "Success"; readonly data: unknown; readonly said: ReadonlyArray<string> }
  | {
      readonly _tag: "Refusal"
      readonly code: RefusalCode
      readonly said: ReadonlyArray<string>
      readonly data: unknown
    }
  | {
      readonly _tag: "Failure"
      readonly reason: BackendErrorReason
      readonly nothingDone: boolean
      /** A code that is not in the table. */
      readonly code?: number
      readonly malformation?: Malformation
    }

type Members = { readonly [name: string]: unknown }

const membersOf = (value: unknown): Members => (Predicate.isObject(value) ? (value as Members) : {})

const refusals: ReadonlySet<number> = new Set<RefusalCode>([10, 11, 12, 20, 30, 40, 403, 404])

const isRefusal = (code: number): code is RefusalCode => refusals.has(code)

const isReason = Schema.is(BackendErrorReason)

const numberOf = (value: unknown): number | undefined => {
  if (Predicate.isNumber(value)) return Number.isSafeInteger(value) ? value : undefined
  return Predicate.isString(value) && /^\d{1,9}$/.test(value) ? Number(value) : undefined
}

const codeIn = ({ code, error, errorCode }: Members): number | undefined =>
  numberOf(errorCode) ?? numberOf(code) ?? numberOf(membersOf(error).code)

const failure = (reason: BackendErrorReason): Verdict => ({ _tag: "Failure", reason, nothingDone: false })

const refusedUndone = (reason: "RateLimited" | "Overloaded"): Verdict => ({
  _tag: "Failure",
  reason,
  nothingDone: true
})

const malformed = (malformation: Malformation): Verdict => ({
  _tag: "Failure",
  reason: "MalformedResponse",
  nothingDone: false,
  malformation
})

const statusCodes: { readonly [status: number]: RefusalCode } = {
  401: 20,
  403: 403,
  404: 404,
  409: 40,
  413: 10,
  415: 10,
  422: 10
}

// An envelope without a code: what the status says.
const byStatus = (status: number, kind: Kind): RefusalCode | BackendErrorReason => {
  if (status === 503) return kind === "read" ? "Overloaded" : "OutcomeUnknown"
  if (status === 504) return kind === "read" ? "Timeout" : "OutcomeUnknown"
  return statusCodes[status] ?? (status >= 400 && status < 500 ? 10 : "Internal")
}

// What a server says is shown to its caller, so it is bounded.
const saidIn = (...places: ReadonlyArray<Members>): ReadonlyArray<string> =>
  places
    .flatMap(({ errors, message }) => (Array.isArray(errors) ? errors : [message]))
    .filter((sentence) => Predicate.isString(sentence) && sentence !== "")
    .slice(0, 100)
    .map((sentence) => String(sentence).slice(0, 2000))

const parse = (bytes: Uint8Array): unknown => {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes))
  } catch {
    return undefined
  }
}

const judgeEnvelope = (status: number, kind: Kind, body: Members, result: Members): Verdict => {
  const code = codeIn(result) ?? codeIn(body)
  const said = saidIn(result, body)
  const refuse = (refusal: RefusalCode): Verdict => ({ _tag: "Refusal", code: refusal, said, data: result.data })
  if (code !== undefined && isRefusal(code)) return refuse(code)
  const { reason } = result
  if (isReason(reason)) {
    return reason === "RateLimited" || reason === "Overloaded" ? refusedUndone(reason) : failure(reason)
  }
  if (status === 429) return refusedUndone("RateLimited")
  if (code === 666) return failure("Internal")
  if (code !== undefined) return { _tag: "Failure", reason: "Internal", nothingDone: false, code }
  const fallback = byStatus(status, kind)
  return Predicate.isNumber(fallback) ? refuse(fallback) : failure(fallback)
}

/** What an answer to a request says; the data of a success are not looked at. */
export const judge = ({ bytes, ended, status }: RawAnswer, kind: Kind): Verdict => {
  const parsed = ended === "whole" ? parse(bytes) : undefined
  const body = membersOf(parsed)
  const result = membersOf(body.result)
  if (result.success === true) return { _tag: "Success", data: result.data, said: saidIn(result) }
  const isEnvelope =
    result.success === false || body.success === false || codeIn(result) !== undefined || codeIn(body) !== undefined
  if (isEnvelope) return judgeEnvelope(status, kind, body, result)
  // Whoever stands in front of the server and says 429 has not let the request through.
  if (status === 429) return refusedUndone("RateLimited")
  return malformed(ended === "whole" ? (parsed === undefined ? "notJson" : "notEnvelope") : ended)
}

// The form of a date that RFC 9110, 5.6.7 has senders write; the obsolete ones are not worth their ambiguity.
const httpDate = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun), \d{2} [A-Z][a-z]{2} \d{4} \d{2}:\d{2}:\d{2} GMT$/

const dateOf = (text: string | undefined): number | undefined => {
  const epochMs = text !== undefined && httpDate.test(text) ? Date.parse(text) : Number.NaN
  return Number.isNaN(epochMs) ? undefined : epochMs
}

const secondsOf = (text: string | undefined): number | undefined =>
  text !== undefined && /^\d{1,9}$/.test(text.trim()) ? Number(text.trim()) : undefined

/**
 * How long `Retry-After` asks to wait, in milliseconds from now, not negative (RFC 9110, 10.2.3). A date is compared with
 * the answer's own Date, or with `nowMs` where it has none.
 */
export const retryAfterMs = (headers: RawAnswer["headers"], nowMs: number): number | undefined => {
  const given = headers["retry-after"]
  const seconds = secondsOf(given)
  if (seconds !== undefined) return seconds * 1000
  const until = dateOf(given)
  return until === undefined ? undefined : Math.max(0, until - (dateOf(headers.date) ?? nowMs))
}

/** The server's clock when it knew what it answers: Date minus Age (sync.md, "Cursor"), Unix time in milliseconds. */
export const asOfMs = (headers: RawAnswer["headers"]): number | undefined => {
  const date = dateOf(headers.date)
  return date === undefined ? undefined : date - (secondsOf(headers.age) ?? 0) * 1000
}
