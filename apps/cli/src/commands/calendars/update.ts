/** `bookio calendars update`. */
import { CalendarChange } from "@bookio-kit/core/calendar/Calendar"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import { CalendarId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import { withBackend } from "../../Backend.ts"
import type { Given } from "../../Command.ts"
import { readForm } from "../../Form.ts"
import { readJson } from "../../JsonFile.ts"
import type { update } from "./specs.ts"
import { printWritten } from "./Written.ts"

/** Runs the command. */
export const run = ({ args, flags }: Given<typeof update>) =>
  withBackend(
    Effect.gen(function* () {
      const change = yield* readForm(CalendarChange, yield* readJson(flags.file))
      const { update } = yield* Calendars
      yield* printWritten(yield* update(CalendarId.make(args.calendar), change), "updated")
    })
  )
