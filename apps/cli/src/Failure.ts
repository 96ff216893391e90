/**
 * How a command fails: one line that says what could not be done, why, and what to do, with the errorCode and the request
 * id, and the exit code. Texts name fields, flags and ids and never repeat what was entered, so no patient is in them.
 */
import { saidBy } from "@bookio-kit/adapter-bookio/Said"
import { type ApiError, toWireError } from "@bookio-kit/core/api/Envelope"
import { BackendError, type BackendErrorReason } from "@bookio-kit/core/error/BackendError"
import { SettingsError, settingsExitCode } from "@bookio-kit/core/settings/Settings"
import { render } from "@bookio-kit/core/text/Text"
import * as Cause from "effect/Cause"
import * as Data from "effect/Data"
import * as Exit from "effect/Exit"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import { tellDatabase } from "./DatabaseFailure.ts"
import { exitCodeOf } from "./ExitCode.ts"
import type { Invocation } from "./Invocation.ts"

/** A failure of the command itself, with what to do about it. */
export class CommandError extends Data.TaggedError("CommandError")<{
  /** Why, without a full stop. */
  readonly why: string
  /** What to do, without a full stop. */
  readonly fix?: string
  /** 1 where absent. */
  readonly exitCode?: number
}> {
  override get message() {
    return this.fix === undefined ? this.why : `${this.why}; ${this.fix}`
  }
}

/** What was given makes no sense together: exit code 2. */
export const usageError = (why: string, fix?: string): CommandError =>
  new CommandError(fix === undefined ? { why, exitCode: 2 } : { why, fix, exitCode: 2 })

const apiTags: ReadonlySet<string> = new Set<ApiError["_tag"]>([
  "ValidationError",
  "PaymentError",
  "ResourceNotFound",
  "InvalidToken",
  "NoCapacityLeft",
  "DuplicateReservation",
  "PermissionDenied",
  "EndpointNotFound",
  "BackendError"
])

const isApiError = (error: unknown): error is ApiError =>
  Predicate.hasProperty(error, "_tag") && Predicate.isString(error._tag) && apiTags.has(error._tag)

// The catalogue's texts of these are a server's own words about itself.
const failures: {
  readonly [R in BackendErrorReason]: { readonly why: string; readonly fix: string }
} = {
  Internal: { why: "the server failed", fix: "its log has the request id, --verbose tells more" },
  RateLimited: { why: "too many requests in a minute", fix: "wait a minute and try again" },
  Overloaded: { why: "the server has too much to do", fix: "try again in a moment" },
  Unreachable: {
    why: "the server cannot be reached",
    fix: "is it running, and the address right?"
  },
  MalformedResponse: { why: "the answer is none of a Bookio API", fix: "is the address right?" },
  Timeout: { why: "the server took too long", fix: "try again, or set a longer BOOKIO_TIMEOUT" },
  OutcomeUnknown: { why: "the answer was lost, so that it may have been done", fix: "look before you try again" }
}

const fixOf = (error: ApiError): string | undefined => {
  switch (error._tag) {
    case "ValidationError":
    case "PaymentError":
      return undefined
    case "ResourceNotFound":
      return "the `list` commands show what there is"
    case "InvalidToken":
      return "`bookio login` stores another token"
    case "NoCapacityLeft":
      return "`bookio slots` shows free terms"
    case "DuplicateReservation":
      return error.reason === "person" ? undefined : "nothing was made a second time"
    case "PermissionDenied":
      return error.reason === "facility"
        ? "`bookio facilities list` shows which ones this token reaches"
        : "use a token with more access"
    case "EndpointNotFound":
      return "does the server have this extension? BOOKIO_ROUTES names routes that differ"
    case "BackendError":
      return failures[error.reason].fix
  }
}

const existing = (error: ApiError): string => {
  if (error._tag !== "DuplicateReservation") return ""
  const id = error.reservationId ?? error.blockedTimeId
  return id === undefined ? "" : ` (${error.reservationId === undefined ? "blocked time" : "reservation"} ${id})`
}

const sentence = (text: string) => text.replace(/\.$/, "")

/** Why an error of the API happened, in one line without its full stop. */
export const whyOf = (error: ApiError, requestId: string): string =>
  error._tag === "BackendError" ? failures[error.reason].why : saidOf(error, requestId)

const saidOf = (error: ApiError, requestId: string): string =>
  toWireError(error, requestId)
    .texts.map((text) => sentence(render(text, "en")))
    .join("; ") + existing(error)

/** What is said of an error, and the exit code. */
export interface Told {
  readonly lines: ReadonlyArray<string>
  readonly exitCode: number
}

/** Why something failed, what to do about it, and the exit code; neither text ends in a full stop. */
export interface Reason {
  readonly why: string
  readonly fix: string | undefined
  readonly exitCode: number
}

/** What is said of an error, wherever it came from. */
export const tellError = (error: unknown, { requestId }: Invocation["Service"]): Reason => {
  const ofDatabase = tellDatabase(error)
  if (ofDatabase !== undefined) return ofDatabase
  if (isApiError(error)) {
    const { errorCode } = toWireError(error, requestId)
    return { why: whyOf(error, requestId), fix: fixOf(error), exitCode: exitCodeOf(errorCode) }
  }
  if (error instanceof SettingsError) {
    return { why: error.problems.join("; "), fix: undefined, exitCode: settingsExitCode }
  }
  if (error instanceof CommandError) return { why: error.why, fix: error.fix, exitCode: error.exitCode ?? 1 }
  return { why: "a defect of bookio", fix: "--verbose tells where", exitCode: 1 }
}

// The way to the server is what is wrong.
const wayReasons: ReadonlySet<BackendErrorReason> = new Set(["Unreachable", "MalformedResponse"])

const idsOf = (error: unknown, requestId: string): string => {
  if (error instanceof CommandError || tellDatabase(error) !== undefined) return ""
  const errorCode = isApiError(error) ? toWireError(error, requestId).errorCode : undefined
  return ` (${errorCode === undefined ? "" : `errorCode ${errorCode}, `}request ${requestId})`
}

const told = (error: unknown, invocation: Invocation["Service"]): Told => {
  const { exitCode, fix, why } = tellError(error, invocation)
  if (error instanceof SettingsError) return { lines: error.problems, exitCode }
  const hint = error instanceof BackendError && wayReasons.has(error.reason) ? " `bookio doctor` tells" : ""
  const ids = idsOf(error, invocation.requestId)
  return {
    lines: [`cannot ${invocation.spec.doing}: ${why}${fix === undefined ? "" : `; ${fix}${hint}`}${ids}`],
    exitCode
  }
}

// Own errors carry kinds, codes and digests; of any other only its class, for its text may hold anything.
const link = (error: unknown): string => {
  if (!Predicate.isObject(error)) return typeof error
  const { _tag: tag, cause: _, message: __, name: ___, stack: ____, ...rest } = error as { [name: string]: unknown }
  const known = Object.entries(rest).filter(([, value]) => Predicate.isString(value) || Predicate.isNumber(value))
  const name = Predicate.isString(tag) ? tag : error instanceof Error ? error.name : "value"
  return [name, ...known.map(([key, value]) => `${key}=${value}`)].join(" ")
}

const chain = (error: unknown): ReadonlyArray<string> => {
  const links: Array<string> = []
  for (let at: unknown = error; at !== undefined && links.length < 8; ) {
    links.push(`  because: ${link(at)}`)
    if (Predicate.isObject(at)) links.push(...saidBy(at).map((text) => `  the server said: ${text}`))
    at = Predicate.hasProperty(at, "cause") ? at.cause : undefined
  }
  return links
}

const places = (cause: Cause.Cause<unknown>): ReadonlyArray<string> =>
  cause.reasons.flatMap((reason) =>
    Cause.isDieReason(reason) && reason.defect instanceof Error
      ? (reason.defect.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line))
      : []
  )

/**
 * What a run failed with; undefined for a defect. The engine cannot go on where its database fails it outside of a request,
 * and dies of that, which is an error all the same.
 */
export const errorOf = (cause: Cause.Cause<unknown>): unknown =>
  Option.getOrElse(Cause.findErrorOption(cause), () =>
    cause.reasons
      .map((reason) => (Cause.isDieReason(reason) ? reason.defect : undefined))
      .find((defect) => tellDatabase(defect) !== undefined)
  )

/** How a run ended: its exit code, and the lines for standard error. */
export const ending = (exit: Exit.Exit<unknown, unknown>, invocation: Invocation["Service"]): Told => {
  if (Exit.isSuccess(exit)) return { lines: [], exitCode: 0 }
  if (Cause.hasInterruptsOnly(exit.cause)) return { lines: [], exitCode: 130 }
  const error = errorOf(exit.cause)
  const { exitCode, lines } = told(error, invocation)
  if (!invocation.globals.verbose) return { lines, exitCode }
  return { lines: [...lines, ...(error === undefined ? places(exit.cause) : chain(error))], exitCode }
}
