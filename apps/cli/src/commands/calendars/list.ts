/** `bookio calendars list`. */
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { withBackend } from "../../Backend.ts"
import type { Given } from "../../Command.ts"
import { dayMember } from "../../Days.ts"
import { facilitiesOf, zoneOf } from "../../Facility.ts"
import { printRows } from "../../output/Output.ts"
import type { Column } from "../../output/Table.ts"
import { listRows, type Row } from "./Rows.ts"
import type { list } from "./specs.ts"

const columns: ReadonlyArray<Column<Row>> = [
  { title: "ID", cell: ({ id }) => String(id), align: "right" },
  { title: "NAME", cell: ({ name }) => name, least: 10 },
  { title: "SERVICES", cell: ({ services }) => String(services.length), align: "right", spare: 2 },
  { title: "VALID FROM", cell: ({ validFrom }) => validFrom.slice(0, 10), spare: 3 },
  { title: "VALID TO", cell: ({ validTo }) => validTo.slice(0, 10) },
  { title: "FACILITY", cell: ({ facilityName }) => facilityName ?? "", least: 8, spare: 1 },
  { title: "ZONE", cell: ({ timeZone }) => timeZone ?? "", spare: 4 }
]

/** Runs the command. */
export const run = ({ flags }: Given<typeof list>) =>
  withBackend(
    Effect.gen(function* () {
      const { byId, one, query } = yield* facilitiesOf(flags.facility)
      const date = yield* dayMember("date", "--date", flags.date, one?.timeZone ?? zoneOf(byId))
      const rows = yield* listRows({ ...query, ...date }, byId)
      yield* printRows({ columns, empty: "There are no such calendars." }, Stream.fromIterable(rows))
    })
  )
