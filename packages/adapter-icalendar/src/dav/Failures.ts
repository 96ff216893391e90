/** What an answer that is no success means for the calendar as a whole. */
import { PracticeError, type PracticeErrorReason } from "@bookio-kit/core/sync/PracticeCalendar"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type { DavAnswer, DavClient } from "./Client.ts"

const reasonOf = (status: number, isWrite: boolean): PracticeErrorReason => {
  if (status === 401) return "Unauthorized"
  if (status === 403 || status === 405) return "Forbidden"
  if (status === 404 || status === 410) return "CalendarNotFound"
  if (status === 408 || status === 423 || status === 503) return "Overloaded"
  if (status === 429) return "RateLimited"
  if (status === 507) return "Full"
  if (status >= 500 && status !== 501) return isWrite ? "OutcomeUnknown" : "Overloaded"
  return status < 400 ? "MalformedResponse" : "Internal"
}

const helps: { readonly [reason in PracticeErrorReason]?: string } = {
  Unauthorized: "check the user name and the (app) password",
  Forbidden: "this user may not do that; check the rights on the calendar",
  CalendarNotFound: "there is no calendar there; check the URL",
  Full: "its storage is full",
  MalformedResponse: "a CalDAV server was expected; check the URL"
}

/** Milliseconds of a Retry-After (RFC 9110, 10.2.3), at most a day. */
const retryAfterMs = (value: string | undefined, nowMs: number): number | undefined => {
  if (value === undefined) return undefined
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1000 : Date.parse(value) - nowMs
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 86_400_000) : undefined
}

/** The error of an answer whose status has no meaning of its own to the caller. */
export const failure = Effect.fnUntraced(function* (
  client: DavClient,
  answer: DavAnswer,
  kind: "read" | "write" = "read"
): Effect.fn.Return<PracticeError> {
  const reason = reasonOf(answer.status, kind === "write")
  const waitMs = retryAfterMs(answer.headers["retry-after"], yield* Clock.currentTimeMillis)
  const { url } = client.options
  const elsewhere =
    answer.url.origin === url.origin
      ? ""
      : ` (asked at ${answer.url.origin}, to which the password is not sent: set that as the URL if it is trusted)`
  const help = helps[reason]
  return new PracticeError({
    reason,
    problem: `the calendar server ${url.host} answered ${answer.status}${elsewhere}${help === undefined ? "" : `: ${help}`}`,
    ...(waitMs === undefined ? {} : { retryAfterMs: waitMs })
  })
})

/** The error of an answer that cannot be understood. */
export const malformed = (client: DavClient, problem: string): PracticeError =>
  new PracticeError({
    reason: "MalformedResponse",
    problem: `the answer of the calendar server ${client.options.url.host} cannot be understood: ${problem}`
  })
