/** What is printed of a calendar that was written. */
import type { CalendarWritten } from "@bookio-kit/core/calendar/Calendars"
import { render } from "@bookio-kit/core/text/Text"
import * as Effect from "effect/Effect"
import { note, printOne } from "../../output/Output.ts"

/** Says what was done, and what the backend warns of. */
export const printWritten = Effect.fnUntraced(function* ({ calendarId, warnings }: CalendarWritten, done: string) {
  const texts = warnings.map((text) => render(text, "en"))
  for (const text of texts) yield* note(`bookio: warning: ${text}`)
  yield* printOne({ calendarId, warnings: texts }, [`Calendar ${calendarId} was ${done}.`])
})
