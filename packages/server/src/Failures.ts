/** Errors as HTTP answers: the envelope in the caller's language, with the headers that belong to a status. */
import { type ApiError, toFailure, toWireError } from "@bookio-kit/core/api/Envelope"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { type Language, languageOf } from "@bookio-kit/core/text/Text"
import type * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import { describeCause } from "./Describe.ts"
import { RequestInfo } from "./RequestInfo.ts"

/** The language that a request's `lang` asks for; one that is repeated or not supported means `en`. */
export const languageOfUrl = (url: string): Language => {
  const query = url.indexOf("?")
  // Most requests have none; a name may also be written in percent signs.
  if (query < 0 || !(url.includes("lang=", query) || url.includes("%", query))) return "en"
  const given = new URLSearchParams(url.slice(query + 1)).getAll("lang")
  return given.length === 1 ? languageOf(given[0]) : "en"
}

/** The headers that belong to a status, whatever the error. */
export const headersOf = (status: number): { readonly [name: string]: string } => {
  if (status === 401) return { "www-authenticate": 'Bearer realm="bookio"' }
  // What is left of a body that is refused unread would be taken for the next request.
  return status === 413 ? { connection: "close" } : {}
}

const retryAfter = (error: ApiError, status: number): { readonly [name: string]: string } =>
  error._tag === "BackendError" && error.isRetryable && (status === 429 || status === 503)
    ? { "retry-after": String(Math.ceil((error.retryAfterMs ?? 1000) / 1000)) }
    : {}

/**
 * The answer to a failed request. A failure of the backend is logged with its cause and the request id; of the cause
 * nothing is sent.
 */
export const answerError = Effect.fnUntraced(function* (error: ApiError) {
  const info = yield* RequestInfo
  const request = yield* HttpServerRequest.HttpServerRequest
  const { errorCode, status } = toWireError(error, info.requestId)
  if (errorCode !== undefined) info.errorCode = errorCode
  if (error._tag === "BackendError") {
    const log = error.reason === "Internal" ? Effect.logError : Effect.logWarning
    yield* log("backend failure").pipe(
      Effect.annotateLogs({
        requestId: info.requestId,
        operation: info.operation ?? "none",
        reason: error.reason,
        ...(error.cause === undefined ? {} : { error: describeCause(error.cause) })
      })
    )
  }
  return HttpServerResponse.jsonUnsafe(toFailure(error, info.requestId, languageOfUrl(request.url)), {
    status,
    headers: { ...headersOf(status), ...retryAfter(error, status) }
  })
})

/** The answer to a defect of ours: errorCode 666, with the request id under which it is logged. */
export const answerDefect = (cause: Cause.Cause<unknown>) =>
  answerError(new BackendError({ reason: "Internal", cause }))
