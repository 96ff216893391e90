/** `bookio blocked-times create`. */
import { NewBlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import * as Effect from "effect/Effect"
import { withBackend } from "../../Backend.ts"
import type { Given } from "../../Command.ts"
import { readTime } from "../../Days.ts"
import { oneFacility } from "../../Facility.ts"
import { readForm } from "../../Form.ts"
import { externalIdOf, underKey } from "../../Idempotency.ts"
import { printOne } from "../../output/Output.ts"
import type { create } from "./specs.ts"

/** Runs the command. */
export const run = ({
  flags: { externalId, facility: asked, from, idempotencyKey, note = "", to }
}: Given<typeof create>) =>
  withBackend(
    Effect.gen(function* () {
      const facility = yield* oneFacility(asked)
      const form = yield* readForm(NewBlockedTime, {
        facilityId: facility.id,
        dateFrom: yield* readTime("--from", from, facility.timeZone),
        dateTo: yield* readTime("--to", to, facility.timeZone),
        externalId: yield* externalIdOf(externalId, idempotencyKey),
        note
      })
      const made = yield* underKey(
        idempotencyKey,
        Effect.flatMap(BlockedTimes, (port) => port.create(form))
      )
      yield* printOne(made, [`Blocked time ${made.blockedTimeId} was created.`])
    })
  )
