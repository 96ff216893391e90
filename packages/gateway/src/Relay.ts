/**
 * Listings of an upstream as the bytes that it sent, asked for without a fiber, which would cost more than all else of such
 * a request. A backend may offer this beside its ports; what it hands on is a success of the contract, and every other end
 * is told by its port, whose retries, limits and errors so stay the only ones.
 */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"

/** The listings that can be relayed. */
export type RelayOperation = "listReservations" | "listBlockedTimes"

export interface RelayRequest {
  readonly operation: RelayOperation
  /** The query of the contract, encoded, with `lang`. */
  readonly query: string
  readonly requestId: string
}

/** What came of a request. */
export type Relayed =
  /** A success of the contract: its body as it came, and the ids of its rows. */
  | { readonly _tag: "Page"; readonly bytes: Uint8Array; readonly ids: ReadonlyArray<number> }
  /** Anything else: an effect that asks for the same list with this begins with what came of it. */
  | { readonly _tag: "Other"; readonly resume: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R> }

/**
 * Sends a request, and tells once what came of it. What it gives back ends the request, and then nothing is told;
 * `undefined` where nothing was sent, for a limit has to be asked or waited for.
 */
export type Send = (request: RelayRequest, tell: (relayed: Relayed) => void) => (() => void) | undefined

export class Relay extends Context.Service<Relay, { readonly send: Send }>()("@bookio-kit/gateway/Relay") {}
