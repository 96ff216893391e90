/** `bookio reservations create`. */
import { NewReservation } from "@bookio-kit/core/reservation/Reservation"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import * as Effect from "effect/Effect"
import { withBackend } from "../../Backend.ts"
import type { Given } from "../../Command.ts"
import { readTime } from "../../Days.ts"
import { oneFacility } from "../../Facility.ts"
import { present, readForm } from "../../Form.ts"
import { externalIdOf, underKey } from "../../Idempotency.ts"
import { printOne } from "../../output/Output.ts"
import type { create } from "./specs.ts"

/** Runs the command. */
export const run = ({ flags }: Given<typeof create>) =>
  withBackend(
    Effect.gen(function* () {
      const { email, from, idempotencyKey, locale = "sk", name, note, phone, service, surname } = flags
      const facility = yield* oneFacility(flags.facility)
      const form = yield* readForm(
        NewReservation,
        present({
          facilityId: facility.id,
          serviceId: service,
          dateFrom: yield* readTime("--from", from, facility.timeZone),
          externalId: yield* externalIdOf(flags.externalId, idempotencyKey),
          email,
          locale,
          name,
          note,
          phone,
          surname
        })
      )
      const made = yield* underKey(
        idempotencyKey,
        Effect.flatMap(Reservations, (port) => port.create(form))
      )
      yield* printOne(made, [`Reservation ${made.reservationId} was created.`])
    })
  )
