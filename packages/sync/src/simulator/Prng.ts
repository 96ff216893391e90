/** The one source of chance of a simulation: a small generator from a seed (mulberry32), so that a seed is a run. */
import type { Random } from "effect/Random"

export interface Prng {
  /** From 0 to less than 1. */
  readonly next: () => number
  /** A whole number, both ends inclusive. */
  readonly int: (from: number, to: number) => number
  /** True with this probability. */
  readonly chance: (share: number) => boolean
  /** One of them; there is at least one. */
  readonly pick: <A>(of: ReadonlyArray<A>) => A
  /** One by weight. */
  readonly weighted: <A>(of: ReadonlyArray<readonly [number, A]>) => A
  /** Another generator, whose use does not change what this one gives later. */
  readonly fork: () => Prng
  /** As Effect's own source. */
  readonly random: (typeof Random)["Service"]
}

export const make = (seed: number): Prng => {
  let state = (seed * 0x9e3779b1 + 0x85ebca6b) >>> 0
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
  // Ids are drawn from 53 bits: 32 would make two of them equal in a long run.
  const double = () => (Math.floor(next() * 2 ** 27) * 2 ** 26 + Math.floor(next() * 2 ** 26)) / 2 ** 53
  const int = (from: number, to: number) => from + Math.floor(next() * (to - from + 1))
  const weighted = <A>(of: ReadonlyArray<readonly [number, A]>): A => {
    let at = next() * of.reduce((sum, [weight]) => sum + weight, 0)
    for (const [weight, value] of of) {
      at -= weight
      if (at < 0) return value
    }
    return (of.at(-1) as readonly [number, A])[1]
  }
  return {
    next,
    int,
    chance: (share) => next() < share,
    pick: (of) => of[int(0, of.length - 1)] as (typeof of)[number],
    weighted,
    fork: () => make(Math.floor(next() * 2 ** 32)),
    random: {
      nextDoubleUnsafe: double,
      nextIntUnsafe: () => Math.floor((double() - 0.5) * 2 * Number.MAX_SAFE_INTEGER)
    }
  }
}
