/** `bookio blocked-times delete`. */
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { BlockedTimeId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import { withBackend } from "../../Backend.ts"
import type { Given } from "../../Command.ts"
import { confirm } from "../../Confirm.ts"
import { printOne } from "../../output/Output.ts"
import type { remove } from "./specs.ts"

/** Runs the command. */
export const run = ({ args: { blockedTime }, flags: { yes } }: Given<typeof remove>) =>
  withBackend(
    Effect.gen(function* () {
      yield* confirm(yes, `Delete blocked time ${blockedTime}?`)
      const written = yield* Effect.flatMap(BlockedTimes, (port) => port.remove(BlockedTimeId.make(blockedTime)))
      yield* printOne(written, [`Blocked time ${blockedTime} was deleted.`])
    })
  )
