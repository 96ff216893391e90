/** `bookio calendars show`. */
import type { Interval, Service } from "@bookio-kit/core/calendar/Calendar"
import * as Effect from "effect/Effect"
import { withBackend } from "../../Backend.ts"
import type { Given } from "../../Command.ts"
import { Invocation } from "../../Invocation.ts"
import { detailLines } from "../../output/Details.ts"
import { printOne } from "../../output/Output.ts"
import { type Column, tableLines } from "../../output/Table.ts"
import { findCalendar, type Row } from "./Rows.ts"
import type { show } from "./specs.ts"

const services: ReadonlyArray<Column<Service>> = [
  { title: "ID", cell: ({ id }) => String(id), align: "right" },
  { title: "SERVICE", cell: ({ name }) => name, least: 10 },
  { title: "MIN", cell: ({ duration }) => String(duration), align: "right" },
  { title: "PLACES", cell: ({ capacity }) => String(capacity), align: "right", spare: 1 },
  { title: "REFERRAL", cell: ({ referralLetter }) => (referralLetter ? "yes" : ""), spare: 2 },
  { title: "HIDDEN", cell: ({ hiddenInOnlineForm }) => (hiddenInOnlineForm ? "yes" : ""), spare: 3 }
]

const days = ["", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]

const intervals = (of: ReadonlyArray<Service>): ReadonlyArray<Column<Interval>> => [
  { title: "OPEN", cell: ({ weekDays }) => weekDays.map((day) => days[day]).join(" ") },
  { title: "FROM", cell: ({ timeFrom }) => timeFrom },
  { title: "TO", cell: ({ timeTo }) => timeTo },
  { title: "NAME", cell: ({ name }) => name, least: 6, spare: 1 },
  {
    title: "FOR",
    cell: ({ allowedServices }) =>
      allowedServices.length === 0
        ? "all services"
        : allowedServices.map((id) => of.find((service) => service.id === id)?.name ?? String(id)).join(", "),
    least: 8,
    spare: 2
  }
]

const detailsOf = (row: Row) =>
  detailLines([
    ["Name", row.name],
    ["Id", String(row.id)],
    ["Facility", row.facilityName],
    ["Zone", row.timeZone],
    ["Valid", `${row.validFrom.slice(0, 10)} to ${row.validTo.slice(0, 10)}`],
    ["Note", row.note]
  ])

/** Runs the command. */
export const run = ({ args }: Given<typeof show>) =>
  withBackend(
    Effect.gen(function* () {
      const { screen } = yield* Invocation
      const row = yield* findCalendar(args.calendar)
      yield* printOne(row, [
        ...detailsOf(row),
        "",
        ...tableLines(services, row.services, screen),
        "",
        ...tableLines(intervals(row.services), row.intervals, screen)
      ])
    })
  )
