/** Times of a request as instants in a facility's zone, and instants as the members of a listed row. */
import { ValidationError } from "@bookio-kit/core/error/Refusal"
import { about, type Text } from "@bookio-kit/core/text/Text"
import type { LocalDateTime } from "@bookio-kit/core/time/LocalDateTime"
import type { TimeZone } from "@bookio-kit/core/time/TimeZone"
import type { UtcOffset } from "@bookio-kit/core/time/UtcOffset"
import * as WallTime from "@bookio-kit/core/time/WallTime"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"

/** A member of a request that holds a time, with the offset that may accompany it. */
export interface GivenTime {
  readonly field: string
  readonly time: WallTime.WallTime
  readonly offset: UtcOffset | undefined
}

const problemOf = (given: GivenTime, problem: WallTime.TimeProblem): Text =>
  problem === "gap" ? about(given.field, "inGap") : about(`${given.field}Offset`, "offsetMismatch")

/** The instant of a `dateFrom`: the first pass of a repeated hour, unless its offset says otherwise. */
export const fromInstant = (zone: TimeZone, given: GivenTime): Result.Result<number, Text> =>
  Result.mapError(WallTime.resolveFrom(zone, given.time, given.offset), (problem) => problemOf(given, problem))

/** The instant of a `dateTo`: the earliest reading after `fromMs`, unless its offset says otherwise. */
export const toInstant = (zone: TimeZone, given: GivenTime, fromMs: number): Result.Result<number, Text> =>
  Result.mapError(WallTime.resolveTo(zone, given.time, fromMs, given.offset), (problem) => problemOf(given, problem))

/** Fails with the problems, all at once, if there are any. */
export const refuse = (problems: ReadonlyArray<Text>): Effect.Effect<void, ValidationError> => {
  const [first, ...others] = problems
  return first === undefined ? Effect.void : Effect.fail(new ValidationError({ problems: [first, ...others] }))
}

/**
 * The instants of a term of which each end is given or known. Problems of both ends are told at once; `dateTo` must be
 * after `dateFrom` (engine.md, rule 3).
 */
export const termOf = Effect.fnUntraced(function* (
  zone: TimeZone,
  from: GivenTime | number,
  to: GivenTime | ((fromMs: number) => number)
): Effect.fn.Return<{ readonly fromMs: number; readonly toMs: number }, ValidationError> {
  const start = typeof from === "number" ? Result.succeed(from) : fromInstant(zone, from)
  const startMs = Result.getOrElse(start, () => Number.NEGATIVE_INFINITY)
  const end = typeof to === "function" ? Result.succeed(to(startMs)) : toInstant(zone, to, startMs)
  yield* refuse([start, end].flatMap((side) => (Result.isFailure(side) ? [side.failure] : [])))
  const term = { fromMs: Result.getOrThrow(start), toMs: Result.getOrThrow(end) }
  if (term.toMs <= term.fromMs) yield* refuse([about("dateTo", "notAfter", { other: "dateFrom" })])
  return term
})

/** An instant as a member of a row, with `…Offset` beside it where it is the second pass of a repeated hour. */
export const listedTime = <Name extends string>(zone: TimeZone, name: Name, epochMs: number) => {
  const { offset, text } = WallTime.format(zone, epochMs)
  const member = { [name]: text } as { readonly [K in Name]: LocalDateTime }
  return offset === undefined
    ? member
    : ({ ...member, [`${name}Offset`]: offset } as { readonly [K in Name]: LocalDateTime } & {
        readonly [K in Name as `${K}Offset`]?: UtcOffset
      })
}

/** Sets what `listedTime` gives. */
export const listTime = <Name extends string>(
  row: { [K in Name]?: LocalDateTime } & { [K in Name as `${K}Offset`]?: UtcOffset | undefined },
  zone: TimeZone,
  name: Name,
  epochMs: number
): void => {
  const { offset, text } = WallTime.format(zone, epochMs)
  const times: { [name: string]: string } = row
  times[name] = text
  if (offset !== undefined) times[`${name}Offset`] = offset
}
