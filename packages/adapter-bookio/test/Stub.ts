/** A server made of a function, in the test's own time: answers by script, and what was asked. */
import { Clock, Effect, Layer, Redacted } from "effect"
import { HttpClient, HttpClientError, type HttpClientRequest, HttpClientResponse } from "effect/http"
import type { BookioClientOptions } from "../src/BookioClient.ts"
import * as BookioRemote from "../src/BookioRemote.ts"

export interface Asked {
  readonly method: string
  readonly url: URL
  readonly headers: HttpClientRequest.HttpClientRequest["headers"]
  readonly body: unknown
  /** When, by the test's clock. */
  readonly atMs: number
}

/** What a stub gives: an answer, no answer by a transport error of that code, or nothing for ever. */
export type Given = Response | { readonly code: string; readonly syscall?: string } | "silence"

export const json = (body: unknown, init: ResponseInit = {}) =>
  new Response(JSON.stringify(body), { ...init, headers: { "content-type": "application/json", ...init.headers } })

export const success = (data: unknown, headers: { readonly [name: string]: string } = {}) =>
  json({ result: { success: true, data } }, { headers })

export const refusal = (members: object, status = 400, headers: { readonly [name: string]: string } = {}) =>
  json({ result: { success: false, errors: [], ...members } }, { status, headers })

const bodyOf = ({ body }: HttpClientRequest.HttpClientRequest): unknown =>
  body._tag === "Uint8Array" ? JSON.parse(new TextDecoder().decode(body.body)) : undefined

/** An `HttpClient` that answers by `answer`, told what was asked and how many requests went before. */
export const stub = (answer: (asked: Asked, before: number) => Given) => {
  const asked: Array<Asked> = []
  const layer = Layer.succeed(HttpClient.HttpClient)(
    HttpClient.make((request, url) =>
      Effect.flatMap(Clock.currentTimeMillis, (atMs) => {
        const ask: Asked = { method: request.method, url, headers: request.headers, body: bodyOf(request), atMs }
        asked.push(ask)
        const given = answer(ask, asked.length - 1)
        if (given === "silence") return Effect.never
        if (given instanceof Response) return Effect.succeed(HttpClientResponse.fromWeb(request, given))
        const cause = Object.assign(new TypeError("fetch failed"), { cause: Object.assign(new Error("x"), given) })
        return Effect.fail(
          new HttpClientError.HttpClientError({ reason: new HttpClientError.TransportError({ request, cause }) })
        )
      })
    )
  )
  return { asked, layer }
}

export const stubUrl = "https://bookio.example/public/api/v1"

/** The backend on a stub, with the times of its defaults. */
export const backend = (layer: Layer.Layer<HttpClient.HttpClient>, options: Partial<BookioClientOptions> = {}) =>
  Layer.provide(BookioRemote.layer({ baseUrl: stubUrl, token: Redacted.make("secret-token"), ...options }), layer)
