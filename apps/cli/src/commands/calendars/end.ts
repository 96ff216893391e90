/** `bookio calendars end`. */
import { CalendarEnd } from "@bookio-kit/core/calendar/Calendar"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import { CalendarId } from "@bookio-kit/core/scalar/Id"
import type { TimeZone } from "@bookio-kit/core/time/TimeZone"
import * as Effect from "effect/Effect"
import { withBackend } from "../../Backend.ts"
import type { Given } from "../../Command.ts"
import { confirm } from "../../Confirm.ts"
import { readDay } from "../../Days.ts"
import { present, readForm } from "../../Form.ts"
import { findCalendar } from "./Rows.ts"
import type { end } from "./specs.ts"
import { printWritten } from "./Written.ts"

/** Runs the command. */
export const run = ({ args, flags: { on, yes } }: Given<typeof end>) =>
  withBackend(
    Effect.gen(function* () {
      const { id, name, timeZone } = yield* findCalendar(args.calendar)
      const validTo = on === undefined ? undefined : yield* readDay("--on", on, (timeZone ?? "UTC") as TimeZone)
      const form = yield* readForm(CalendarEnd, present({ validTo }))
      yield* confirm(yes, `End calendar ${id} ${name} with ${validTo ?? "today"}?`)
      yield* printWritten(yield* Effect.flatMap(Calendars, (port) => port.end(CalendarId.make(id), form)), "ended")
    })
  )
