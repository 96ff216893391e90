/** `bookio slots`: description. */
import { command } from "../../Command.ts"

export const slots = command({
  path: ["slots"],
  summary: "Lists the free terms of a service",
  details: [
    "A server that has no free slots of its own, as the published API has none, is asked for calendars, reservations and blocked times, and the terms are worked out of them."
  ],
  doing: "list the free terms",
  flags: {
    facility: { kind: "text", metavar: "FACILITY", description: "The facility, by its id or a part of its name" },
    service: {
      kind: "id",
      metavar: "ID",
      required: true,
      description: "The service; `bookio calendars show` tells ids"
    },
    from: {
      kind: "text",
      metavar: "DAY",
      description: "The first day: YYYY-MM-DD, today, tomorrow, +3; today where left out"
    },
    to: { kind: "text", metavar: "DAY", description: "The last day, inclusive; a week in all where left out" }
  },
  args: {},
  fields: ["dateFrom", "dateTo", "free", "timeZone", "dateFromOffset", "dateToOffset"],
  examples: [
    { does: "The coming week", line: "slots --facility 1 --service 1" },
    { does: "The next free term", line: "slots --facility 1 --service 1 --to +30 --jq '.[0].dateFrom'" }
  ]
})
