/** `bookio blocked-times`: descriptions. */
import { command } from "../../Command.ts"
import { listFlags } from "../../ListFlags.ts"

const facility = {
  kind: "text",
  metavar: "FACILITY",
  description: "The facility, by its id or a part of its name"
} as const

const blockedTime = { kind: "id", required: true, description: "Its id" } as const

const written = ["blockedTimeId", "externalId"] as const

export const list = command({
  path: ["blocked-times", "list"],
  summary: "Lists blocked times, in which nothing can be booked",
  details: ["Those of all facilities, one after another, where none is named."],
  doing: "list the blocked times",
  flags: {
    facility: { ...facility, description: "Only of this facility, by its id or a part of its name" },
    from: { kind: "text", metavar: "DAY", description: "Only what overlaps this day or a later one" },
    to: { kind: "text", metavar: "DAY", description: "Only what overlaps this day or an earlier one" },
    ...listFlags
  },
  args: {},
  fields: [
    "id",
    "externalId",
    "facilityId",
    "facilityName",
    "timeZone",
    "dateFrom",
    "dateTo",
    "note",
    "dateFromOffset",
    "dateToOffset"
  ],
  examples: [{ does: "Those from today on", line: "blocked-times list --from today" }]
})

export const create = command({
  path: ["blocked-times", "create"],
  summary: "Blocks a term",
  details: ["Reservations that are there stay; `bookio agenda` marks them."],
  doing: "create the blocked time",
  flags: {
    facility,
    from: { kind: "text", metavar: "TIME", required: true, description: 'The start: "2026-12-24 08:00", "tomorrow"' },
    to: {
      kind: "text",
      metavar: "TIME",
      required: true,
      description: "The end, exclusive; a day alone means to the end of that day"
    },
    note: { kind: "text", description: "Why" },
    externalId: { kind: "id", metavar: "ID", description: "Your own id of it; made from the clock where left out" },
    idempotencyKey: { kind: "text", metavar: "KEY", description: "Makes it repeatable: the same key blocks once" }
  },
  args: {},
  fields: written,
  examples: [{ does: "A day off", line: 'blocked-times create --facility 1 --from +30 --to +30 --note "Day off"' }]
})

export const move = command({
  path: ["blocked-times", "move"],
  summary: "Moves a blocked time",
  doing: "move the blocked time",
  flags: {
    facility: { ...facility, description: "The facility whose zone tomorrow and the like are meant in" },
    from: { kind: "text", metavar: "TIME", description: "The new start; kept where left out" },
    to: { kind: "text", metavar: "TIME", description: "The new end, exclusive; kept where left out" }
  },
  args: { blockedTime },
  fields: written,
  examples: [{ does: "A day later", line: "blocked-times move 1 --from +31 --to +31" }]
})

export const remove = command({
  path: ["blocked-times", "delete"],
  summary: "Deletes a blocked time",
  doing: "delete the blocked time",
  flags: { yes: { kind: "boolean", short: "y", description: "Do not ask" } },
  args: { blockedTime },
  fields: written,
  examples: [{ does: "In a script", line: "blocked-times delete 1 --yes" }]
})
