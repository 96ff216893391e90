/** `bookio reservations show`. */
import * as Effect from "effect/Effect"
import { withBackend } from "../../Backend.ts"
import type { Given } from "../../Command.ts"
import { showTime } from "../../Days.ts"
import { facilitiesOf } from "../../Facility.ts"
import { detailLines } from "../../output/Details.ts"
import { printOne } from "../../output/Output.ts"
import { type Row, rowsOf } from "./Rows.ts"
import type { show } from "./specs.ts"
import { findReservation } from "./Which.ts"

const detailsOf = (row: Row): ReadonlyArray<readonly [string, string | undefined]> => [
  ["Number", row.number],
  ["Id", String(row.id)],
  ["Own id", row.externalId === undefined ? undefined : String(row.externalId)],
  ["Status", row.status],
  ["From", `${showTime(row.dateFrom, row.dateFromOffset)} ${row.timeZone ?? ""}`],
  ["To", `${showTime(row.dateTo, row.dateToOffset)} (${row.duration} minutes)`],
  ["Name", row.name],
  ["E-mail", row.email],
  ["Phone", row.phone],
  ["Service", row.serviceName ?? String(row.service)],
  ["Calendar", row.calendarName],
  ["Facility", row.facilityName ?? String(row.facilityId)],
  ["Note", row.note],
  ["Created", showTime(row.created, row.createdOffset)],
  ["Cancelled", row.cancelTime === undefined ? undefined : showTime(row.cancelTime, row.cancelTimeOffset)],
  ["Reason", row.cancellationReason],
  ["Awaits sync", row.needsSync ? "yes" : "no"]
]

/** Runs the command. */
export const run = ({ args, flags }: Given<typeof show>) =>
  withBackend(
    Effect.gen(function* () {
      const reservation = yield* findReservation(args.reservation, flags.facility)
      const { byId } = yield* facilitiesOf(undefined)
      const toRow = yield* rowsOf(byId, { facilityId: reservation.facilityId })
      const row = toRow(reservation)
      yield* printOne(row, detailLines(detailsOf(row)))
    })
  )
