/** The seed that the settings name: read, checked, applied; the demonstration only where nobody else can reach it. */
import { applySeed, decodeSeed } from "@bookio-kit/adapter-sql/seed/ApplySeed"
import type { Seed } from "@bookio-kit/adapter-sql/seed/Seed"
import { SettingsError } from "@bookio-kit/core/settings/Settings"
import { fromEpochDay } from "@bookio-kit/core/time/LocalDate"
import { epochDayAt, type TimeZone } from "@bookio-kit/core/time/TimeZone"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { readJsonFile } from "./JsonFile.ts"
import { isLoopback } from "./Loopback.ts"

const wrong = (problem: string) => new SettingsError({ problems: [`BOOKIO_SEED: ${problem}`] })

// The clinics of the demonstration share one wall clock.
const today = Effect.map(Clock.currentTimeMillis, (nowMs) =>
  fromEpochDay(epochDayAt("Europe/Bratislava" as TimeZone, nowMs))
)

// Loaded only where it is asked for.
const makeDemoSeed = Effect.fnUntraced(function* (seed: number) {
  const { demoSeed } = yield* Effect.promise(() => import("./demo/DemoSeed.ts"))
  return demoSeed({ seed, today: yield* today })
})

/** A seed that is well-formed, and what to call it. */
export interface NamedSeed {
  readonly name: string
  readonly seed: Seed
}

/**
 * Reads the seed that `BOOKIO_SEED` names, before anything is made.
 *
 * @errors `SettingsError` for a file that cannot be read, a seed that is wrong, and a demonstration that others can reach.
 */
export const readSeed = Effect.fn("readSeed")(function* (source: string, host: string) {
  const number = /^demo(?::(\d{1,9}))?$/.exec(source)
  const json =
    number === null ? yield* readJsonFile("BOOKIO_SEED", source) : yield* makeDemoSeed(Number(number[1] ?? 1))
  const name = number === null ? source : "the demonstration"
  const seed = yield* decodeSeed(json).pipe(
    Effect.mapError((error) => wrong(`${name} is no seed: ${error.problems.join("; ")}`))
  )
  if (seed.demo === true && !isLoopback(host)) {
    return yield* wrong(
      `${name} has tokens that anyone can guess, so BOOKIO_PROXY_HOST must be a loopback address such as 127.0.0.1, not ${host}`
    )
  }
  return { name, seed } satisfies NamedSeed
})

/** Applies a seed. @errors `SettingsError` for one that contradicts the database or breaks a booking rule. */
export const apply = ({ name, seed }: NamedSeed) =>
  applySeed(seed).pipe(
    Effect.catchTag("SeedError", (error) => Effect.fail(wrong(`${name}: ${error.problems.join("; ")}`)))
  )
