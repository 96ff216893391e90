/** What generated commands are drawn from: who asks, which facility, which days. */
import { LocalDate } from "@bookio-kit/core/time/LocalDate"
import { Arbitrary, Effect, type Schema } from "effect"
import * as fc from "fast-check"
import type { Who } from "./ModelRules.ts"

/** Values of a schema, as the schema itself draws them. */
export const drawn = <A>(schema: Schema.Codec<A>): fc.Arbitrary<A> =>
  fc
    .integer({ min: 0 })
    .map((seed) => Effect.runSync(Arbitrary.sampleEffect(Arbitrary.schema(schema), { count: 1, seed }))[0]!)

export const sometimes = <A>(arbitrary: fc.Arbitrary<A>, weight = 1) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight, arbitrary })

/** A record without the members that are undefined. */
export const given = <R extends object>(record: { [K in keyof R]-?: fc.Arbitrary<R[K] | undefined> }) =>
  fc
    .record(record as { [K in keyof R]: fc.Arbitrary<R[K]> })
    .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as R)

export const pick = fc.oneof({ weight: 20, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.constant(-1) })
export const writer: fc.Arbitrary<Who> = fc.constantFrom(1, 1, 2).map((channel) => ({ channel, access: "write" }))
export const anyone: fc.Arbitrary<Who> = fc
  .tuple(fc.constantFrom(1, 2), fc.constantFrom("write" as const, "write" as const, "book" as const))
  .map(([channel, access]) => ({ channel, access }))
export const facilityId = fc.oneof(
  { weight: 12, arbitrary: fc.constant(1) },
  { weight: 2, arbitrary: fc.constant(2) },
  { weight: 1, arbitrary: fc.constant(9) }
)
export const external = fc.integer({ min: 1, max: 8 })

/** The days around a change of clocks, and offsets that fit some times of them or none. */
export interface Season {
  readonly days: ReadonlyArray<string>
  readonly offsets: ReadonlyArray<string>
}

export const seasons: ReadonlyArray<Season> = [
  { days: ["2026-10-24", "2026-10-25", "2026-10-26"], offsets: ["+02:00", "+01:00", "+00:00"] },
  { days: ["2026-03-28", "2026-03-29", "2026-03-30"], offsets: ["+01:00", "+02:00", "+00:00"] }
]

export const listDay = ({ days }: Season) => fc.constantFrom(...days.map((text) => LocalDate.make(text)))
