/**
 * One request to a CalDAV server: sent with the credentials to the origin of the settings and to no other, redirects
 * followed by our rules, the answer read within a time and a number of bytes.
 */
import { randomUUID } from "node:crypto"
import { PracticeError, type PracticeErrorReason } from "@bookio-kit/core/sync/PracticeCalendar"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type { Headers } from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type { HttpClientResponse } from "effect/http/HttpClientResponse"
import type { HttpMethod } from "effect/http/HttpMethod"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { type FindService, isPrivate, type Resolve } from "./Address.ts"
import { type Challenge, digestOf, readChallenge } from "./Digest.ts"

export interface DavRequest {
  readonly method: "PROPFIND" | "REPORT" | "GET" | "PUT" | "DELETE"
  readonly url: URL
  readonly depth?: "0" | "1"
  readonly headers?: { readonly [name: string]: string }
  /** XML, but for a PUT, whose body is a calendar object. */
  readonly body?: string
}

export interface DavAnswer {
  readonly status: number
  readonly headers: Headers
  readonly bytes: Uint8Array
  /** `tooLong`: over the limit; `cut`: the connection ended before the body did. */
  readonly ended: "whole" | "tooLong" | "cut"
  /** Where it came from in the end. */
  readonly url: URL
}

export interface ClientOptions {
  /** The URL of the settings: its origin is the only one that is sent the credentials. */
  readonly url: URL
  /** The value of the header. */
  readonly authorization: Redacted.Redacted<string> | undefined
  /** To answer a server with that asks for Digest instead. */
  readonly login?: { readonly username: string; readonly password: Redacted.Redacted<string> } | undefined
  readonly requestTimeoutMs: number
  readonly maxAnswerBytes: number
  readonly allowPrivateRedirects: boolean
  readonly resolve: Resolve
  readonly findService: FindService
}

export interface DavClient {
  /** @errors `PracticeError`: no answer; for a PUT or DELETE that may have been taken, `OutcomeUnknown`. */
  readonly send: (request: DavRequest) => Effect.Effect<DavAnswer, PracticeError>
  readonly options: ClientOptions
}

// What Node and undici call a connection that was not made: the server never saw the request. A reset proves nothing.
const unsentCodes =
  /^(?:ECONNREFUSED|EHOST|ENET|EADDRNOTAVAIL|ENOTFOUND|EAI_|UND_ERR_CONNECT_|CERT_|ERR_TLS_|ERR_SSL_|DEPTH_|SELF_|UNABLE_)/

const isUnsent = (error: unknown): boolean => {
  for (let at: unknown = error, depth = 0; Predicate.isObject(at) && depth < 6; depth++) {
    if (Predicate.hasProperty(at, "code") && Predicate.isString(at.code)) return unsentCodes.test(at.code)
    at = Predicate.hasProperty(at, "reason") ? at.reason : Predicate.hasProperty(at, "cause") ? at.cause : undefined
  }
  return false
}

const readBody = Effect.fnUntraced(function* (response: HttpClientResponse, maxBytes: number) {
  const chunks: Array<Uint8Array> = []
  let length = 0
  const read = Stream.runForEach(response.stream, (chunk) => {
    length += chunk.length
    if (length > maxBytes) return Effect.fail("tooLong" as const)
    chunks.push(chunk)
    return Effect.void
  })
  const ended = yield* Effect.match(read, {
    onSuccess: (): DavAnswer["ended"] => "whole",
    onFailure: (error) => (error === "tooLong" ? error : error.reason._tag === "EmptyBodyError" ? "whole" : "cut")
  })
  return { ended, bytes: ended === "tooLong" ? new Uint8Array() : Buffer.concat(chunks) }
})

const isRedirect = (status: number) => status === 301 || status === 302 || status === 307 || status === 308
const maxRedirects = 5

/** Makes the client of one calendar. */
export const makeClient = Effect.fnUntraced(function* (
  options: ClientOptions
): Effect.fn.Return<DavClient, never, HttpClient.HttpClient> {
  // Redirects are followed here and not by `fetch`; spans of the client would hold URLs.
  const quiet = Context.make(FetchHttpClient.RequestInit, { redirect: "manual" }).pipe(
    Context.add(HttpClient.TracerDisabledWhen, () => true)
  )
  const http = HttpClient.transformResponse(yield* HttpClient.HttpClient, Effect.provideContext(quiet))
  const where = `the calendar server ${options.url.host}`
  const failed = (reason: PracticeErrorReason, problem: string, cause?: unknown) =>
    new PracticeError({ reason, problem: `${where} ${problem}`, ...(cause === undefined ? {} : { cause }) })

  let challenge: Challenge | undefined
  let count = 0
  const authorizationFor = ({ method }: DavRequest, url: URL): string | undefined => {
    const { authorization, login } = options
    if (challenge === undefined || login === undefined) return authorization && Redacted.value(authorization)
    const password = Redacted.value(login.password)
    const uri = `${url.pathname}${url.search}`
    const { username } = login
    return digestOf(challenge, { username, password, method, uri, count: ++count, clientNonce: randomUUID() })
  }

  const toRequest = (asked: DavRequest, url: URL) => {
    const { body, depth, headers, method } = asked
    const authorization = url.origin === options.url.origin ? authorizationFor(asked, url) : undefined
    const request = HttpClientRequest.make(method as string as HttpMethod)(url, {
      headers: {
        // A compressed answer could be short on the wire and long in memory, and some servers change its ETag.
        "accept-encoding": "identity",
        "user-agent": "bookio-kit",
        ...(depth === undefined ? {} : { depth }),
        ...(authorization === undefined ? {} : { authorization }),
        ...headers
      }
    })
    if (body === undefined) return request
    return HttpClientRequest.bodyText(
      request,
      body,
      method === "PUT" ? "text/calendar; charset=utf-8" : "application/xml; charset=utf-8"
    )
  }

  const once = (request: DavRequest, url: URL): Effect.Effect<DavAnswer, PracticeError> => {
    const isWrite = request.method === "PUT" || request.method === "DELETE"
    return http.execute(toRequest(request, url)).pipe(
      Effect.mapError((cause) =>
        isWrite && !isUnsent(cause)
          ? failed("OutcomeUnknown", "gave no answer to a change, which may have been made", cause)
          : failed("Unreachable", "cannot be reached; check the network and the URL", cause)
      ),
      Effect.flatMap((response) =>
        Effect.map(readBody(response, options.maxAnswerBytes), (body) => ({
          status: response.status,
          headers: response.headers,
          url,
          ...body
        }))
      ),
      Effect.timeoutOrElse({
        duration: options.requestTimeoutMs,
        orElse: () =>
          Effect.fail(
            failed(isWrite ? "OutcomeUnknown" : "Timeout", `gave no whole answer within ${options.requestTimeoutMs} ms`)
          )
      })
    )
  }

  /** Answers a challenge once: what a 401 is given for was not done. */
  const asked = Effect.fnUntraced(function* (request: DavRequest, url: URL) {
    const before = challenge?.nonce
    const answer = yield* once(request, url)
    if (answer.status !== 401 || options.login === undefined || url.origin !== options.url.origin) return answer
    const given = readChallenge(answer.headers["www-authenticate"])
    // A nonce ends after a time; the same one again means that the password is wrong.
    if (given === undefined || given.nonce === before) return answer
    challenge = given
    count = 0
    return yield* once(request, url)
  })

  /** A redirect or an href leads there; `from` is who says so. @errors `PracticeError` where we do not go. */
  const follow = Effect.fnUntraced(function* (next: URL, from: URL, what: string) {
    if (next.origin !== from.origin && (next.protocol !== "https:" || from.protocol !== "https:")) {
      return yield* failed("Forbidden", `${what} ${next.origin}, which is not https; that is refused`)
    }
    if (
      next.host !== options.url.host &&
      !options.allowPrivateRedirects &&
      (yield* isPrivate(next, options.resolve)) &&
      !(yield* isPrivate(options.url, options.resolve))
    ) {
      return yield* failed("Forbidden", `${what} the private address ${next.host}; that is refused`)
    }
    return next
  })

  const target = Effect.fnUntraced(function* (answer: DavAnswer) {
    const next = URL.parse(answer.headers.location ?? "", answer.url.href)
    if (next === null) return yield* failed("MalformedResponse", "redirects to nowhere")
    return yield* follow(next, answer.url, "redirects to")
  })

  const send = Effect.fn("CalDavCalendar.request")(function* (request: DavRequest) {
    // An href of an answer sends us elsewhere just as a redirect does.
    let url = yield* follow(request.url, options.url, "names a place at")
    for (let hop = 0; hop <= maxRedirects; hop++) {
      const answer = yield* asked(request, url)
      if (!isRedirect(answer.status)) return answer
      url = yield* target(answer)
    }
    return yield* failed("MalformedResponse", `redirects more than ${maxRedirects} times`)
  })

  return { send, options }
})
