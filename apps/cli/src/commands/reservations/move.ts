/** `bookio reservations move`. */
import { TermChange } from "@bookio-kit/core/reservation/Reservation"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import * as Effect from "effect/Effect"
import { withBackend } from "../../Backend.ts"
import type { Given } from "../../Command.ts"
import { readTime } from "../../Days.ts"
import { facilitiesOf, zoneOf } from "../../Facility.ts"
import { usageError } from "../../Failure.ts"
import { present, readForm } from "../../Form.ts"
import { printOne } from "../../output/Output.ts"
import type { move } from "./specs.ts"
import { nameReservation } from "./Which.ts"

/** Runs the command. */
export const run = ({ args, flags }: Given<typeof move>) =>
  withBackend(
    Effect.gen(function* () {
      const { facility, from, to } = flags
      if (from === undefined && to === undefined)
        return yield* usageError("nothing is to be moved", "give --from or --to")
      const { id, row, title } = yield* nameReservation(args.reservation, facility)
      const { byId, one } = yield* facilitiesOf(facility)
      const zone = (one ?? byId.get(row?.facilityId ?? 0))?.timeZone ?? zoneOf(byId)
      const change = yield* readForm(
        TermChange,
        present({
          dateFrom: from === undefined ? undefined : yield* readTime("--from", from, zone),
          // Told outright, for a term change without an end is not the same to every server.
          dateTo: to === undefined ? null : yield* readTime("--to", to, zone)
        })
      )
      const written = yield* Effect.flatMap(Reservations, (port) => port.changeTerm(id, change))
      yield* printOne(written, [`${title[0]?.toUpperCase()}${title.slice(1)} was moved.`])
    })
  )
