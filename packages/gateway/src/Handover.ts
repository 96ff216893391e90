/** What `Front` did for a request before it handed it on, for whoever serves it then; found by the platform's request. */
import type * as Effect from "effect/Effect"
import type { RateState } from "./Exchange.ts"

/** An answer of status 200 as it is sent; `text` is the same, where there is one. */
export interface KeptBody {
  readonly bytes: Uint8Array
  readonly text?: string | undefined
}

export interface Handover {
  /** Where the request was counted against its key's rate already: what is left of it. */
  readonly rate?: RateState | undefined
  /** Where a list was asked for already: serving begins with what came of it. */
  readonly resume?: <A, E, R>(effect: Effect.Effect<A, E, R>) => Effect.Effect<A, E, R>
  /** Takes the answer where it is a kept one, with its age at a time (`Exchange.keptAgeMs`). */
  readonly keep?: (ageMs: (nowMs: number) => number | undefined, body: KeptBody) => void
}

const handovers = new WeakMap<object, Handover>()

/** Remembers what was done for a request, for as long as there is the request. */
export const handOver = (request: object, handover: Handover): void => {
  handovers.set(request, handover)
}

/** What was done for a request, if anything. */
export const handedOver = (request: object): Handover | undefined => handovers.get(request)
