/** The facilities that a command is about, and the times of their rows. */
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import type { Facility } from "@bookio-kit/core/facility/Facility"
import type { TimeZone } from "@bookio-kit/core/time/TimeZone"
import * as Effect from "effect/Effect"
import { CommandError, usageError } from "./Failure.ts"

/** All that the token reaches. */
export const allFacilities = Effect.flatMap(Facilities, (port) => port.list)

const named = (facilities: ReadonlyArray<Facility>, asked: string): ReadonlyArray<Facility> => {
  const exact = facilities.filter(({ id, name }) => String(id) === asked || name.toLowerCase() === asked.toLowerCase())
  return exact.length > 0
    ? exact
    : facilities.filter(({ name }) => name.toLowerCase().includes(asked.toLowerCase()) && !/^\d+$/.test(asked))
}

const list = (facilities: ReadonlyArray<Facility>) => facilities.map(({ id, name }) => `${id} ${name}`).join(", ")

/** The facility that `--facility` names, by its id or a part of its name. @errors `CommandError` unless it is one. */
export const facilityNamed = Effect.fnUntraced(function* (facilities: ReadonlyArray<Facility>, asked: string) {
  const [found, ...others] = named(facilities, asked)
  if (found === undefined) {
    return yield* new CommandError({
      why: "--facility names none that this token reaches",
      fix: facilities.length === 0 ? "it reaches none" : `they are ${list(facilities)}`,
      exitCode: 12
    })
  }
  if (others.length > 0) return yield* usageError("--facility names several", `they are ${list([found, ...others])}`)
  return found
})

/** The facility that is asked for, or the only one. @errors `CommandError` where there are several, or none. */
export const oneFacility = Effect.fnUntraced(function* (asked: string | undefined) {
  const facilities = yield* allFacilities
  if (asked !== undefined) return yield* facilityNamed(facilities, asked)
  const [only, ...others] = facilities
  if (only === undefined) return yield* new CommandError({ why: "this token reaches no facility", exitCode: 12 })
  if (others.length > 0) return yield* usageError("--facility must be given", `it is one of ${list(facilities)}`)
  return only
})

/** Which facilities a listing is of: the one asked for, else all; by their ids, with the one where it is one. */
export const facilitiesOf = Effect.fnUntraced(function* (asked: string | undefined) {
  const facilities = yield* allFacilities
  const one = asked === undefined ? undefined : yield* facilityNamed(facilities, asked)
  return {
    byId: new Map(facilities.map((facility) => [Number(facility.id), facility])),
    one,
    query: one === undefined ? {} : { facilityId: one.id }
  }
})

/** The zone that a relative day is meant in where no facility is named: that of the first. */
export const zoneOf = (byId: ReadonlyMap<number, Facility>): TimeZone => {
  const [first] = byId.values()
  return first?.timeZone ?? ("UTC" as TimeZone)
}
