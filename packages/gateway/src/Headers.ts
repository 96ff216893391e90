/**
 * The headers that a gateway adds to every answer: `Age` and `X-Cache` of the cache, `RateLimit-*` of the key. It assumes
 * to be the outermost of the router's global middlewares, so that errors carry them too.
 */
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type { unhandled } from "effect/Types"
import { Exchange, makeExchange, type RateState } from "./Exchange.ts"
import { handedOver } from "./Handover.ts"

/** Whether a request asks past caches: RFC 9111, 5.2.1.4, and the header that HTTP/1.0 had for it (5.4). */
export const asksForFresh = (cacheControl: string | undefined, pragma: string | undefined): boolean =>
  cacheControl === undefined
    ? pragma !== undefined && /(?:^|,)\s*no-cache\s*(?:,|$)/i.test(pragma)
    : /(?:^|,)\s*no-(?:cache|store)\s*(?:,|=|$)/i.test(cacheControl)

/**
 * The headers of a finished exchange, names and values in turn, put behind those of `list`; of `RateLimit-*` the three that
 * draft-ietf-httpapi-ratelimit-headers-07 names.
 */
export const headersOf = (
  { ageMs, cache, rate }: Pick<Exchange, "ageMs" | "cache"> & { readonly rate?: RateState | undefined },
  list: Array<string> = []
): Array<string> => {
  list.push("age", String(Math.floor(Math.max(0, ageMs) / 1000)), "x-cache", cache)
  if (rate === undefined) return list
  const { limit, remaining, resetMs } = rate
  list.push("ratelimit-limit", String(limit), "ratelimit-remaining", String(remaining))
  list.push("ratelimit-reset", String(Math.ceil(resetMs / 1000)))
  return list
}

const pairs = (list: ReadonlyArray<string>): { readonly [name: string]: string } => {
  const headers: { [name: string]: string } = {}
  for (let at = 0; at + 1 < list.length; at += 2) headers[list[at] as string] = list[at + 1] as string
  return headers
}

/** Provides the `Exchange` of each request, and sends what it holds in the end; goes on with what `Front` began. */
export const layer = HttpRouter.middleware(
  (httpEffect: Effect.Effect<HttpServerResponse.HttpServerResponse, unhandled>) =>
    Effect.gen(function* () {
      const { headers, source } = yield* HttpServerRequest.HttpServerRequest
      const { keep, rate, resume } = handedOver(source) ?? {}
      const exchange = makeExchange(asksForFresh(headers["cache-control"], headers.pragma), rate)
      const served = Effect.provideService(httpEffect, Exchange, exchange)
      const response = yield* resume === undefined ? served : resume(served)
      const { body, status } = response
      if (keep !== undefined && exchange.keptAgeMs !== undefined && status === 200 && body._tag === "Uint8Array") {
        keep(exchange.keptAgeMs, { bytes: body.body, text: body.text })
      }
      return HttpServerResponse.setHeaders(response, pairs(headersOf(exchange)))
    }),
  { global: true }
)
