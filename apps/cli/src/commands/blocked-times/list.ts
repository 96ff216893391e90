/** `bookio blocked-times list`. */
import type { BlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import type { Facility } from "@bookio-kit/core/facility/Facility"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { withBackend } from "../../Backend.ts"
import type { Given } from "../../Command.ts"
import { dayMember, showTime, zoneTitle } from "../../Days.ts"
import { facilitiesOf } from "../../Facility.ts"
import { allRows, limited } from "../../Listings.ts"
import { printRows } from "../../output/Output.ts"
import type { Column } from "../../output/Table.ts"
import type { list } from "./specs.ts"

interface Row extends BlockedTime {
  readonly facilityId: number
  readonly facilityName: string
  readonly timeZone: string
}

const columns = (facilities: ReadonlyArray<Facility>): ReadonlyArray<Column<Row>> => {
  const zones = new Set(facilities.map(({ timeZone }) => timeZone))
  return [
    { title: "ID", cell: ({ id }) => String(id), align: "right" },
    {
      title: zoneTitle("FROM", zones),
      cell: ({ dateFrom, dateFromOffset }) => showTime(dateFrom, dateFromOffset),
      least: 16
    },
    { title: "TO", cell: ({ dateTo, dateToOffset }) => showTime(dateTo, dateToOffset) },
    { title: "NOTE", cell: ({ note }) => note ?? "", least: 8, spare: 1 },
    { title: "FACILITY", cell: ({ facilityName }) => facilityName, least: 8, spare: 2 },
    ...(zones.size > 1 ? [{ title: "ZONE", cell: ({ timeZone }: Row) => timeZone, spare: 0 }] : [])
  ]
}

/** Runs the command. */
export const run = ({ flags }: Given<typeof list>) =>
  withBackend(
    Effect.gen(function* () {
      const { byId, one } = yield* facilitiesOf(flags.facility)
      const { list } = yield* BlockedTimes
      const facilities = one === undefined ? [...byId.values()] : [one]
      // Rows name no facility, so each facility is asked for its own.
      const rows = Stream.flatMap(Stream.fromIterable(facilities), ({ id: facilityId, name, timeZone }) =>
        Stream.unwrap(
          Effect.gen(function* () {
            const query = {
              facilityId,
              ...(yield* dayMember("dateFrom", "--from", flags.from, timeZone)),
              ...(yield* dayMember("dateTo", "--to", flags.to, timeZone))
            }
            return allRows((offset, limit) => list({ ...query, offset, limit })).pipe(
              Stream.map((row): Row => ({ ...row, facilityId, facilityName: name, timeZone }))
            )
          })
        )
      )
      const form = { columns: columns(facilities), empty: "There are no such blocked times." }
      yield* printRows(form, limited(flags, rows))
    })
  )
