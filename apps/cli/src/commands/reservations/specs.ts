/** `bookio reservations`: descriptions. */
import { command } from "../../Command.ts"
import { listFlags } from "../../ListFlags.ts"

const fields = [
  "id",
  "number",
  "status",
  "name",
  "email",
  "phone",
  "dateFrom",
  "dateTo",
  "duration",
  "service",
  "serviceName",
  "calendarName",
  "facilityId",
  "facilityName",
  "timeZone",
  "note",
  "externalId",
  "needsSync",
  "created",
  "cancelTime",
  "cancellationReason",
  "dateFromOffset",
  "dateToOffset",
  "createdOffset",
  "cancelTimeOffset"
] as const

const written = ["reservationId", "externalId"] as const

const facility = {
  kind: "text",
  metavar: "FACILITY",
  description: "The facility, by its id or a part of its name"
} as const

const which = {
  kind: "text",
  required: true,
  description: "Its number, such as a2se8w; or its id, which takes a look through all of --facility"
} as const

const yes = { kind: "boolean", short: "y", description: "Do not ask" } as const

export const list = command({
  path: ["reservations", "list"],
  summary: "Lists reservations",
  details: ["Rows come in the order of their last change; times are in the facility's zone."],
  doing: "list the reservations",
  flags: {
    facility: { ...facility, description: "Only of this facility, by its id or a part of its name" },
    from: { kind: "text", metavar: "DAY", description: "Only from this day on: YYYY-MM-DD, today, tomorrow, +3, -3" },
    to: { kind: "text", metavar: "DAY", description: "Only up to this day, inclusive" },
    status: { kind: "choice", choices: ["CONFIRMED", "CANCELLED", "DID_NOT_COME"], description: "Only of this status" },
    email: { kind: "text", description: "Only of the person with this e-mail address" },
    number: { kind: "text", description: "Only the one with this number" },
    unsynced: { kind: "boolean", description: "Only those that await a sync" },
    ...listFlags
  },
  args: {},
  fields,
  examples: [
    { does: "Today's reservations of a clinic", line: "reservations list --facility zubná --from today --to today" },
    { does: "All that await a sync, as JSON", line: "reservations list --unsynced --all --json id,number,dateFrom" },
    { does: "A week for a spreadsheet", line: "reservations list --from today --to +6 --all --csv" }
  ]
})

export const show = command({
  path: ["reservations", "show"],
  summary: "Shows a reservation",
  details: ["The API reads by number; by id all reservations of --facility are looked through, which is said."],
  doing: "show the reservation",
  flags: { facility },
  args: { reservation: which },
  fields,
  examples: [
    { does: "By its number", line: "reservations show a2se8w" },
    { does: "By its id", line: "reservations show 17 --facility 1" }
  ]
})

export const create = command({
  path: ["reservations", "create"],
  summary: "Books a term for a person",
  details: [
    "The end is the service's duration after the start. `bookio slots` shows free terms, `bookio calendars show` services."
  ],
  doing: "create the reservation",
  flags: {
    facility,
    service: { kind: "id", metavar: "ID", required: true, description: "The service" },
    from: {
      kind: "text",
      metavar: "TIME",
      required: true,
      description: 'The start in the zone of the facility: "2026-11-23 09:00", "tomorrow 09:00"'
    },
    name: { kind: "text", required: true, description: "The person's first name" },
    surname: { kind: "text", required: true, description: "The person's surname" },
    email: { kind: "text", required: true, description: "The person's e-mail address" },
    phone: { kind: "text", required: true, description: "The person's phone number" },
    locale: { kind: "text", description: "The language to write to the person in; sk where left out" },
    note: { kind: "text", description: "A note" },
    externalId: { kind: "id", metavar: "ID", description: "Your own id of it; made from the clock where left out" },
    idempotencyKey: { kind: "text", metavar: "KEY", description: "Makes it repeatable: the same key books once" }
  },
  args: {},
  fields: written,
  examples: [
    {
      does: "Book a person",
      line: 'reservations create --facility 1 --service 1 --from "2026-11-25 09:00" --name Jana --surname Nováková --email jana@example.com --phone "+421 905 123 456"'
    }
  ]
})

export const move = command({
  path: ["reservations", "move"],
  summary: "Moves a reservation to another term",
  details: ["Without --to the length becomes the service's duration."],
  doing: "move the reservation",
  flags: {
    facility,
    from: { kind: "text", metavar: "TIME", description: "The new start; kept where left out" },
    to: { kind: "text", metavar: "TIME", description: "The new end, exclusive" }
  },
  args: { reservation: which },
  fields: written,
  examples: [{ does: "To another time", line: 'reservations move a2se8w --from "2026-11-26 10:00"' }]
})

export const confirm = command({
  path: ["reservations", "confirm"],
  summary: "Sets a reservation to CONFIRMED again",
  doing: "confirm the reservation",
  flags: { facility },
  args: { reservation: which },
  fields: written,
  examples: [{ does: "One that was cancelled by mistake", line: "reservations confirm a2se8w" }]
})

export const cancel = command({
  path: ["reservations", "cancel"],
  summary: "Cancels a reservation",
  doing: "cancel the reservation",
  flags: { facility, reason: { kind: "text", description: "The reason, stored with it" }, yes },
  args: { reservation: which },
  fields: written,
  examples: [
    { does: "Asks first, on a terminal", line: "reservations cancel a2se8w" },
    { does: "In a script", line: 'reservations cancel a2se8w --reason "The doctor is ill" --yes' }
  ]
})

export const noShow = command({
  path: ["reservations", "no-show"],
  summary: "Notes that the person did not come",
  doing: "change the reservation",
  flags: { facility },
  args: { reservation: which },
  fields: written,
  examples: [{ does: "After the term", line: "reservations no-show a2se8w" }]
})

export const sync = command({
  path: ["reservations", "sync"],
  summary: "Confirms that a reservation was taken over",
  details: ["It no longer awaits a sync until it changes again. The id of your own system is required the first time."],
  doing: "confirm the sync of the reservation",
  flags: { facility, externalId: { kind: "id", metavar: "ID", description: "Your own id of it" } },
  args: { reservation: which },
  fields: written,
  examples: [{ does: "With the id of the practice's software", line: "reservations sync a2se8w --external-id 4711" }]
})
