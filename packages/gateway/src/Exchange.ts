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
}

/** Makes the record of a request. */
export const makeExchange = (noCache: boolean): Exchange => ({ noCache, cache: "bypass", ageMs: 0 })

/** The request that is being served; a reference, for the router lets its middleware provide nothing else to handlers. */
export const Exchange = Context.Reference<Exchange>("@bookio-kit/gateway/Exchange", {
  defaultValue: () => makeExchange(false)
})
