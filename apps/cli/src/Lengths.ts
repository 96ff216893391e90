/** Lengths of time as they are written on the command line: `90d`, `12h`, `10m`, `30s`. */
import * as Effect from "effect/Effect"
import { usageError } from "./Failure.ts"

const units = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const

/** The milliseconds of a text; `undefined` for what is no length. */
export const lengthMs = (text: string): number | undefined => {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  return count === undefined ? undefined : Number(count) * units[unit as keyof typeof units]
}

/** A length of a flag. @errors `CommandError` for what is none. */
export const readLength = Effect.fnUntraced(function* (name: string, text: string) {
  return lengthMs(text) ?? (yield* usageError(`${name} must be a length of time`, "write it as 90d, 12h, 10m or 30s"))
})
