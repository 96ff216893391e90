/**
 * What a gateway tells of one request in its answer's headers, and what the request asks of the cache. One object a
 * request, made by `Headers.layer` and written by whoever knows; without HTTP it is written to and read by nobody.
 */
import * as Context from "effect/Context"

/** What is left of a key's rate: whole requests, and milliseconds until all of `limit` are there again. */
export interface RateState {
  readonly limit: number
  readonly remaining: number
  readonly resetMs: number
}

export interface Exchange {
  /** Whether the request asks to be answered by the upstream itself (`Cache-Control: no-cache`, RFC 9111, 5.2.1.4). */
  readonly noCache: boolean
  /** How the cache took part; `bypass` where it did not. */
  cache: "hit" | "miss" | "stale" | "bypass"
  /** How old the answer is, in milliseconds. */
  ageMs: number
  rate?: RateState
  /** Whether the request was counted against that rate before it came to the `Authenticator`. */
  readonly isCounted: boolean
  /** Set where the answer is kept: how old it is at a time (both milliseconds), `undefined` once it may not be given. */
  keptAgeMs?: (nowMs: number) => number | undefined
}

/** Makes the record of a request; `rate` where it was counted already. */
export const makeExchange = (noCache: boolean, rate?: RateState): Exchange => ({
  noCache,
  cache: "bypass",
  ageMs: 0,
  isCounted: rate !== undefined,
  ...(rate === undefined ? {} : { rate })
})

/** The request that is being served; a reference, for the router lets its middleware provide nothing else to handlers. */
export const Exchange = Context.Reference<Exchange>("@bookio-kit/gateway/Exchange", {
  defaultValue: () => makeExchange(false)
})
