/** A rate as a token bucket: so many requests a second on average, so many at once. Its clock is the caller's. */
import type { RateState } from "./Exchange.ts"

export interface Rate {
  readonly requestsPerSecond: number
  /** How many may go at once after a quiet time; at least 1. */
  readonly burst: number
}

export interface TokenBucket {
  readonly rate: Rate
  /** Takes one request's worth; absent where none was left, and then how long until there is one, in milliseconds. */
  readonly take: (nowMs: number) => { readonly state: RateState; readonly retryAfterMs?: number }
}

/** Makes a full bucket. */
export const makeTokenBucket = (rate: Rate): TokenBucket => {
  const perMs = rate.requestsPerSecond / 1000
  let tokens = rate.burst
  let atMs = 0
  const state = (): RateState => ({
    limit: rate.burst,
    remaining: Math.floor(tokens),
    resetMs: (rate.burst - tokens) / perMs
  })
  return {
    rate,
    take: (nowMs) => {
      // A clock that was set back gives nothing.
      tokens = Math.min(rate.burst, tokens + Math.max(0, nowMs - atMs) * perMs)
      atMs = nowMs
      if (tokens < 1) return { state: state(), retryAfterMs: (1 - tokens) / perMs }
      tokens -= 1
      return { state: state() }
    }
  }
}
