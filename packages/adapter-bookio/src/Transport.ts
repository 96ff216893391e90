/**
 * One request on the wire: its answer as bytes within a bound, or why there is none. Redirects are not followed, so that
 * neither token nor body goes to another origin; nothing of a URL, a header or a body is traced.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import type * as HttpClientError from "effect/http/HttpClientError"
import type * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import type { RawAnswer } from "./Answers.ts"
import { wholeBody } from "./Dispatched.ts"

/** The most bytes of an answer that are read. A page of 100 reservations with the longest texts has about 2 MB. */
export const maxAnswerBytes = 8 * 1024 * 1024

/** No answer. `unsent` is proof that the server never saw the request: no connection was made. */
export interface Silence {
  readonly unsent: boolean
  readonly code?: string
}

// What Node and undici call a connection that was not made. A reset or a closed socket proves nothing.
const unsentCodes: ReadonlySet<string> = new Set([
  "ECONNREFUSED",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EHOSTDOWN",
  "ENETDOWN",
  "EADDRNOTAVAIL",
  "ENOTFOUND",
  "EAI_AGAIN",
  "UND_ERR_CONNECT_TIMEOUT"
])

// Certificates are checked before a request is written.
const isCertificateProblem = (code: string) =>
  /^(?:CERT_|ERR_TLS_|ERR_SSL_|DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_(?:GET|VERIFY)_)/.test(code)

const textAt = (error: object, name: string): string | undefined => {
  const value = (error as { readonly [name: string]: unknown })[name]
  return Predicate.isString(value) ? value : undefined
}

/** What a transport's error proves: it and its causes are asked for their codes. */
export const silenceOf = (error: unknown): Silence => {
  for (let at: unknown = error, depth = 0; Predicate.isObject(at) && depth < 6; depth++) {
    const code = textAt(at, "code")
    if (code !== undefined) {
      const syscall = textAt(at, "syscall")
      const unsent =
        unsentCodes.has(code) || isCertificateProblem(code) || syscall === "connect" || syscall === "getaddrinfo"
      return { unsent, code: code.slice(0, 64) }
    }
    at = Predicate.hasProperty(at, "reason") ? at.reason : Predicate.hasProperty(at, "cause") ? at.cause : undefined
  }
  return { unsent: false }
}

const readBody = Effect.fnUntraced(function* (response: HttpClientResponse.HttpClientResponse) {
  const chunks: Array<Uint8Array> = []
  let length = 0
  const read = Stream.runForEach(response.stream, (chunk) => {
    length += chunk.length
    if (length > maxAnswerBytes) return Effect.fail("tooLong" as const)
    chunks.push(chunk)
    return Effect.void
  })
  const ended = yield* Effect.match(read, {
    onSuccess: (): RawAnswer["ended"] => "whole",
    onFailure: (error) => (error === "tooLong" ? error : error.reason._tag === "EmptyBodyError" ? "whole" : "cut")
  })
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return { bytes, ended, length }
})

/** A raw answer whose bytes are its own. */
export interface ReceivedAnswer extends RawAnswer {
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Bytes that were received; more than `bytes` has where the answer was too long. */
  readonly length: number
}

/** Sends a request; fails where there is no answer, or where the request itself cannot be written. */
export const open = (
  send: Effect.Effect<HttpClientResponse.HttpClientResponse, unknown>
): Effect.Effect<HttpClientResponse.HttpClientResponse, Silence | Schema.SchemaError> =>
  Effect.mapError(send, (error) => (error instanceof Schema.SchemaError ? error : silenceOf(error)))

/** Reads an answer to its end, or to its bound. */
export const receive = (response: HttpClientResponse.HttpClientResponse): Effect.Effect<ReceivedAnswer> => {
  const { headers, status } = response
  const bytes = wholeBody(response)
  return bytes === undefined
    ? Effect.map(readBody(response), (body) => ({ status, headers, ...body }))
    : Effect.succeed({ status, headers, bytes, ended: "whole", length: bytes.length })
}

/**
 * A client that follows no redirect by itself and records no spans of its own, for those hold URLs. What the service
 * `FetchHttpClient.RequestInit` has when this runs is kept but for `redirect`.
 */
export const guarded: Effect.Effect<HttpClient.HttpClient, never, HttpClient.HttpClient> = Effect.gen(function* () {
  const client = yield* HttpClient.HttpClient
  const init = Option.getOrElse(yield* Effect.serviceOption(FetchHttpClient.RequestInit), () => ({}))
  const context = Context.make(FetchHttpClient.RequestInit, { ...init, redirect: "manual" }).pipe(
    Context.add(HttpClient.TracerDisabledWhen, () => true)
  )
  return HttpClient.transformResponse(
    client,
    Effect.provideContext(context)
  ) satisfies HttpClient.HttpClient.With<HttpClientError.HttpClientError>
})
