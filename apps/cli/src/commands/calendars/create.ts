/** `bookio calendars create`. */
import { NewCalendar } from "@bookio-kit/core/calendar/Calendar"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import * as Effect from "effect/Effect"
import { withBackend } from "../../Backend.ts"
import type { Given } from "../../Command.ts"
import { readForm } from "../../Form.ts"
import { underKey } from "../../Idempotency.ts"
import { readJson } from "../../JsonFile.ts"
import type { create } from "./specs.ts"
import { printWritten } from "./Written.ts"

/** Runs the command. */
export const run = ({ flags: { file, idempotencyKey } }: Given<typeof create>) =>
  withBackend(
    Effect.gen(function* () {
      const form = yield* readForm(NewCalendar, yield* readJson(file))
      const made = yield* underKey(
        idempotencyKey,
        Effect.flatMap(Calendars, (port) => port.create(form))
      )
      yield* printWritten(made, "created")
    })
  )
