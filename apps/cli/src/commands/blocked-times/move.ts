/** `bookio blocked-times move`. */
import { BlockedTimeChange } from "@bookio-kit/core/blocked-time/BlockedTime"
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { BlockedTimeId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import { withBackend } from "../../Backend.ts"
import type { Given } from "../../Command.ts"
import { readTime } from "../../Days.ts"
import { facilitiesOf, zoneOf } from "../../Facility.ts"
import { usageError } from "../../Failure.ts"
import { present, readForm } from "../../Form.ts"
import { printOne } from "../../output/Output.ts"
import type { move } from "./specs.ts"

/** Runs the command. */
export const run = ({ args, flags: { facility, from, to } }: Given<typeof move>) =>
  withBackend(
    Effect.gen(function* () {
      if (from === undefined && to === undefined)
        return yield* usageError("nothing is to be moved", "give --from or --to")
      const { byId, one } = yield* facilitiesOf(facility)
      const zone = one?.timeZone ?? zoneOf(byId)
      const change = yield* readForm(
        BlockedTimeChange,
        present({
          dateFrom: from === undefined ? undefined : yield* readTime("--from", from, zone),
          dateTo: to === undefined ? undefined : yield* readTime("--to", to, zone)
        })
      )
      const id = BlockedTimeId.make(args.blockedTime)
      const written = yield* Effect.flatMap(BlockedTimes, (port) => port.changeTerm(id, change))
      yield* printOne(written, [`Blocked time ${id} was moved.`])
    })
  )
