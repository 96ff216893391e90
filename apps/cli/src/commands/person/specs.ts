/** `bookio person`: descriptions. */
import { command } from "../../Command.ts"

const email = {
  kind: "text",
  metavar: "EMAIL",
  required: true,
  description: "The person's e-mail address, in any case; - reads it from standard input"
} as const

const journal = {
  kind: "file",
  metavar: "FILE",
  many: true,
  description: "A journal of a sync that has its texts too"
} as const

const identity = {
  kind: "text",
  metavar: "IDENTITY",
  many: true,
  description: "What that journal calls this database: the worker's baseUrl or identity; its own path where left out"
} as const

const onFile =
  "It works on the database of an engine (BOOKIO_DATABASE), over all facilities and channels, also while a server has it open."

export const exportPerson = command({
  path: ["person", "export"],
  summary: "Shows all that is kept of a person: reservations, notes, channels, audit lines, the sync's texts",
  details: [onFile, "It prints JSON: what a person may ask for (GDPR, article 15)."],
  doing: "export the person",
  flags: { email, journal, identity },
  args: {},
  fields: ["email", "reservations", "journal"],
  examples: [
    { does: "Into a file", line: "person export --email jana@example.com > jana.json" },
    {
      does: "With the journal of the sync worker",
      line: "person export --email jana@example.com --journal bookio-sync.db"
    }
  ]
})

export const erasePerson = command({
  path: ["person", "erase"],
  summary: "Overwrites name, e-mail, phone, note and reason in all reservations of a person",
  details: [
    "The reservations and their ids stay, so that history and occupancy stay right. They count as changed, so that whoever has a copy fetches it again, and the files are written anew, so that no old text is left in them.",
    "The appointments in practice calendars, and the journal's texts of them, follow with the sync's next pass: until then it ends with exit code 3, and is to be run again. Events that the practice made itself stay as they are: ask it to change them; the journal keeps no text of those that became reservations. Backups and exports made before are not reached.",
    onFile
  ],
  doing: "erase the person",
  flags: {
    email,
    journal,
    identity,
    upcoming: { kind: "boolean", description: "Erase confirmed reservations to come too, which then have no name" },
    yes: { kind: "boolean", short: "y", description: "Do not ask" }
  },
  args: {},
  fields: ["reservations", "pending", "scrubbed"],
  examples: [
    { does: "After a look at what there is", line: "person erase --email jana@example.com" },
    {
      does: "In the engine and in a journal, in a script",
      line: "person erase --email jana@example.com --journal bookio-sync.db --yes"
    }
  ]
})
