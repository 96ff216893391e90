/** `bookio reservations sync`. */
import { SyncConfirmation } from "@bookio-kit/core/reservation/Reservation"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import * as Effect from "effect/Effect"
import { withBackend } from "../../Backend.ts"
import type { Given } from "../../Command.ts"
import { present, readForm } from "../../Form.ts"
import { printOne } from "../../output/Output.ts"
import type { sync } from "./specs.ts"
import { nameReservation } from "./Which.ts"

/** Runs the command. */
export const run = ({ args, flags: { externalId, facility } }: Given<typeof sync>) =>
  withBackend(
    Effect.gen(function* () {
      const { id, title } = yield* nameReservation(args.reservation, facility)
      const confirmation = yield* readForm(SyncConfirmation, present({ externalId }))
      const written = yield* Effect.flatMap(Reservations, (port) => port.confirmSync(id, confirmation))
      yield* printOne(written, [`${title[0]?.toUpperCase()}${title.slice(1)} no longer awaits a sync.`])
    })
  )
