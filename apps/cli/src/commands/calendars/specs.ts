/** `bookio calendars`: descriptions. */
import { command } from "../../Command.ts"

const facility = {
  kind: "text",
  metavar: "FACILITY",
  description: "Only of this facility, by its id or a part of its name"
} as const

const calendar = { kind: "id", required: true, description: "Its id" } as const

const file = {
  kind: "file",
  required: true,
  description: "A JSON file with the request of the API; - reads standard input"
} as const

const fields = [
  "id",
  "facilityId",
  "facilityName",
  "timeZone",
  "name",
  "note",
  "validFrom",
  "validTo",
  "services",
  "intervals"
] as const

const written = ["calendarId", "warnings"] as const

export const list = command({
  path: ["calendars", "list"],
  summary: "Lists calendars",
  doing: "list the calendars",
  flags: {
    facility,
    date: {
      kind: "text",
      metavar: "DAY",
      description: "Only those valid on this day; all, ended ones too, where left out"
    }
  },
  args: {},
  fields,
  examples: [
    { does: "Those of today", line: "calendars list --date today" },
    { does: "The ids of all services", line: "calendars list --jq '.[].services[] | [.id, .name]'" }
  ]
})

export const show = command({
  path: ["calendars", "show"],
  summary: "Shows a calendar with its services and opening hours",
  doing: "show the calendar",
  flags: {},
  args: { calendar },
  fields,
  examples: [{ does: "Services, with the ids that booking needs", line: "calendars show 1" }]
})

export const create = command({
  path: ["calendars", "create"],
  summary: "Creates a calendar",
  details: ["The file is the body of the API's request, such as `calendars show ID --json` without its ids gives."],
  doing: "create the calendar",
  flags: {
    file,
    idempotencyKey: { kind: "text", metavar: "KEY", description: "Makes it repeatable: the same key creates once" }
  },
  args: {},
  fields: written,
  examples: [{ does: "From a file", line: "calendars create --file calendar.json" }]
})

export const update = command({
  path: ["calendars", "update"],
  summary: "Changes a calendar",
  details: [
    "Members that are left out of the file keep their value. A service or interval that is left out of its list is removed."
  ],
  doing: "update the calendar",
  flags: { file },
  args: { calendar },
  fields: written,
  examples: [{ does: "A new name", line: "calendars update 1 --file change.json" }]
})

export const end = command({
  path: ["calendars", "end"],
  summary: "Ends a calendar",
  doing: "end the calendar",
  flags: {
    on: { kind: "text", metavar: "DAY", description: "Its last valid day; today where left out" },
    yes: { kind: "boolean", short: "y", description: "Do not ask" }
  },
  args: { calendar },
  fields: written,
  examples: [{ does: "At the end of a month", line: "calendars end 1 --on 2027-12-31 --yes" }]
})
