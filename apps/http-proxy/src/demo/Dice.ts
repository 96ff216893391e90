/**
 * Chance that can be repeated: the demonstration draws everything from here, so that one seed always gives one
 * demonstration. Assumes nothing of the draws but that they look random; they keep no secret.
 */
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"

/** A sequence of draws; each one moves it on. */
export interface Dice {
  /** Draws a whole number from 0 (inclusive) to `limit` (exclusive). */
  readonly below: (limit: number) => number
  /** Tells whether an event of that probability, 0 to 1, happens. */
  readonly chance: (probability: number) => boolean
  /** Draws one of the items, each as likely as the others; there must be one. */
  readonly pick: <A>(items: ReadonlyArray<A>) => A
}

/** Makes the sequence of draws of a seed; equal seeds give equal sequences. */
export const make = (seed: string): Dice => {
  // The seeded generator itself, not an effect for each draw: the demonstration is a plain value.
  const random = Effect.runSync(Random.withSeed(Effect.service(Random.Random), seed))
  const below = (limit: number) => Math.floor(random.nextDoubleUnsafe() * limit)
  return {
    below,
    chance: (probability) => random.nextDoubleUnsafe() < probability,
    pick: (items) => items[below(items.length)]!
  }
}
