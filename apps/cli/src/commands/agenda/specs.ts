/** `bookio agenda`: description. */
import { command } from "../../Command.ts"

export const agenda = command({
  path: ["agenda"],
  summary: "Draws a day or a week of a facility as a timetable",
  details: [
    "A day has a column for each calendar, a week one for each day. A reservation that overlaps a blocked time, or takes a place that is not there, is marked with ! and told below.",
    "Signs: ┌ begins, │ goes on, ▒ blocked, · open and free."
  ],
  doing: "draw the agenda",
  flags: {
    facility: { kind: "text", metavar: "FACILITY", description: "The facility, by its id or a part of its name" },
    week: { kind: "boolean", description: "The week from Monday to Sunday that the day is in" },
    calendar: { kind: "id", metavar: "ID", many: true, description: "Only this calendar" }
  },
  args: { day: { kind: "text", description: "YYYY-MM-DD, today, tomorrow, +3; today where left out" } },
  fields: [
    "kind",
    "dateFrom",
    "dateTo",
    "timeZone",
    "calendarId",
    "calendarName",
    "reservationId",
    "blockedTimeId",
    "number",
    "name",
    "serviceName",
    "note",
    "clash"
  ],
  examples: [
    { does: "Today", line: "agenda --facility 1" },
    { does: "This week of one calendar", line: "agenda --facility 1 --week --calendar 1" }
  ]
})
