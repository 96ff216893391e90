/** The reservation that an argument names: by its number, or by its id, which the API cannot read. */
import type { Facility } from "@bookio-kit/core/facility/Facility"
import type { Reservation } from "@bookio-kit/core/reservation/Reservation"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { ReservationId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { oneFacility } from "../../Facility.ts"
import { CommandError, usageError } from "../../Failure.ts"
import { allRows } from "../../Listings.ts"
import { note } from "../../output/Output.ts"

const none = (why: string) =>
  new CommandError({ why, fix: "`bookio reservations list` shows what there is", exitCode: 12 })

const byNumber = Effect.fnUntraced(function* (number: string, facility: Facility | undefined) {
  const { list } = yield* Reservations
  const query = facility === undefined ? {} : { facilityId: facility.id }
  const { rows } = yield* list({ ...query, number: number.toLowerCase(), limit: 2 })
  return rows[0]
})

const byId = Effect.fnUntraced(function* (id: number, facility: Facility) {
  yield* note(`bookio: the API has no read by id: looking through the reservations of ${facility.name}`)
  const { list } = yield* Reservations
  const rows = allRows((offset, limit) => list({ facilityId: facility.id, offset, limit }))
  return Option.getOrUndefined(
    yield* rows.pipe(
      Stream.filter((row) => row.id === id),
      Stream.runHead
    )
  )
})

const asId = (text: string): number | undefined => {
  const id = /^#?(\d{1,16})$/.exec(text)?.[1]
  return id === undefined || !Number.isSafeInteger(Number(id)) || Number(id) < 1 ? undefined : Number(id)
}

// Six digits are a number as well; only --facility, which an id needs, tells that an id is meant.
const isNumber = (text: string, facility: string | undefined) =>
  asId(text) === undefined || (/^\d{6}$/.test(text) && facility === undefined)

/** The reservation with this number, or with this id in the facility. @errors `CommandError` where there is none. */
export const findReservation = Effect.fnUntraced(function* (text: string, asked: string | undefined) {
  const id = asId(text)
  if (id === undefined || isNumber(text, asked)) {
    const facility = asked === undefined ? undefined : yield* oneFacility(asked)
    const found = yield* byNumber(text, facility)
    return found ?? (yield* none("there is no reservation with this number"))
  }
  if (asked === undefined)
    return yield* usageError("an id is looked for in a facility", "give --facility, or the number")
  const facility = yield* oneFacility(asked)
  return (yield* byId(id, facility)) ?? (yield* none(`there is no reservation ${id} in ${facility.name}`))
})

/** What a change needs of a reservation: an id alone is enough for it, so that nothing is looked for. */
export interface Named {
  readonly id: ReservationId
  readonly row: Reservation | undefined
  /** How to call it: by its number, or its id. */
  readonly title: string
}

/** The reservation that a change is about. @errors as `findReservation`. */
export const nameReservation = Effect.fnUntraced(function* (text: string, asked: string | undefined) {
  const id = asId(text)
  if (id !== undefined && !isNumber(text, asked)) {
    return { id: ReservationId.make(id), row: undefined, title: `reservation ${id}` } satisfies Named as Named
  }
  const row = yield* findReservation(text, asked)
  return { id: row.id, row, title: `reservation ${row.number ?? row.id}` } satisfies Named as Named
})
