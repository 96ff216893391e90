/**
 * An answer that is there before its call is made: of a request that `Relay` sent past `HttpClient`, and whose answer is
 * nothing to hand on. The next call of its operation takes it for its first attempt, so that what it means, whether the call
 * is repeated, and what the limits learn of it is decided where that always is.
 */
import * as Context from "effect/Context"
import type { ReceivedAnswer, Silence } from "./Transport.ts"

export interface Received {
  /** What came of the request, and when it was sent, Unix time in milliseconds. */
  readonly answer: ReceivedAnswer | Silence | "timeout"
  readonly sentMs: number
}

export interface Waiting {
  /** When the request was sent; its call counts its time-out from there. */
  readonly sentMs: number
  /** Gives the answer out, once, to a call of its operation. */
  readonly take: (operation: string) => Received | undefined
}

/** The answer that waits for its call. */
export const Received = Context.Reference<Waiting | undefined>("@bookio-kit/adapter-bookio/Received", {
  defaultValue: () => undefined
})

/** An answer to an operation's request, to be taken once. */
export const waiting = (operation: string, received: Received): Waiting => {
  let isTaken = false
  return {
    sentMs: received.sentMs,
    take: (asked) => {
      if (isTaken || asked !== operation) return undefined
      isTaken = true
      return received
    }
  }
}
