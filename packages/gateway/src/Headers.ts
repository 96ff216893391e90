/**
 * The headers that a gateway adds to every answer: `Age` and `X-Cache` of the cache, `RateLimit-*` of the key. It assumes
 * to be the outermost of the router's global middlewares, so that errors carry them too.
 */
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import type { unhandled } from "effect/Types"
import { Exchange, makeExchange } from "./Exchange.ts"

// RFC 9111, 5.2.1.4, and the header that HTTP/1.0 had for it (5.4).
const asksForFresh = (cacheControl: string | undefined, pragma: string | undefined): boolean =>
  cacheControl === undefined
    ? pragma !== undefined && /(?:^|,)\s*no-cache\s*(?:,|$)/i.test(pragma)
    : /(?:^|,)\s*no-(?:cache|store)\s*(?:,|=|$)/i.test(cacheControl)

/** The headers of a finished exchange; of `RateLimit-*` the three that draft-ietf-httpapi-ratelimit-headers-07 names. */
export const headersOf = ({ ageMs, cache, rate }: Exchange): { readonly [name: string]: string } => ({
  age: String(Math.floor(Math.max(0, ageMs) / 1000)),
  "x-cache": cache,
  ...(rate === undefined
    ? {}
    : {
        "ratelimit-limit": String(rate.limit),
        "ratelimit-remaining": String(rate.remaining),
        "ratelimit-reset": String(Math.ceil(rate.resetMs / 1000))
      })
})

/** Provides the `Exchange` of each request, and sends what it holds in the end. */
export const layer = HttpRouter.middleware(
  (httpEffect: Effect.Effect<HttpServerResponse.HttpServerResponse, unhandled>) =>
    Effect.gen(function* () {
      const { headers } = yield* HttpServerRequest.HttpServerRequest
      const exchange = makeExchange(asksForFresh(headers["cache-control"], headers.pragma))
      const response = yield* Effect.provideService(httpEffect, Exchange, exchange)
      return HttpServerResponse.setHeaders(response, headersOf(exchange))
    }),
  { global: true }
)
