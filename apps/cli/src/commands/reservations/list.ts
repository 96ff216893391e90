/** `bookio reservations list`. */
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { withBackend } from "../../Backend.ts"
import type { Given } from "../../Command.ts"
import { dayMember } from "../../Days.ts"
import { facilitiesOf, zoneOf } from "../../Facility.ts"
import { allRows, limited } from "../../Listings.ts"
import { printRows } from "../../output/Output.ts"
import { columns, rowsOf } from "./Rows.ts"
import type { list } from "./specs.ts"

/** Runs the command. */
export const run = ({ flags }: Given<typeof list>) =>
  withBackend(
    Effect.gen(function* () {
      const { byId, one, query: facility } = yield* facilitiesOf(flags.facility)
      const zone = one?.timeZone ?? zoneOf(byId)
      const query = {
        ...facility,
        ...(yield* dayMember("from", "--from", flags.from, zone)),
        ...(yield* dayMember("to", "--to", flags.to, zone)),
        ...(flags.status === undefined ? {} : { status: flags.status }),
        ...(flags.email === undefined ? {} : { email: flags.email }),
        ...(flags.number === undefined ? {} : { number: flags.number }),
        ...(flags.unsynced ? { onlyUnsynced: true } : {})
      }
      const { list } = yield* Reservations
      const toRow = yield* rowsOf(byId, facility)
      const rows = limited(
        flags,
        allRows((offset, limit) => list({ ...query, offset, limit }))
      ).pipe(Stream.map(toRow))
      yield* printRows({ columns: columns(byId, one), empty: "There are no such reservations." }, rows)
    })
  )
