/** `bookio import`: its description. */
import { command } from "../../Command.ts"

export const importFacility = command({
  path: ["import"],
  summary: "Brings an export of a facility into a database or a server",
  details: [
    "Into the database of an engine (BOOKIO_DATABASE without a token or --channel) it is exact: the same ids, numbers, times and statuses. Channels see the facility when all of it is there. What is there already stays as it is, so an import that was cut off is simply run again: nothing is made twice. Lines of an export over the API belong to the channel --as.",
    "Over the API calendars and reservations are made as anyone makes them: with new ids and numbers, by the booking rules; the report says of each line what was dropped. It can be repeated too, for each record has its externalId.",
    "Every line is read and checked before anything is written. With a wrong line nothing is, unless --skip-errors."
  ],
  doing: "import the facility",
  flags: {
    facility: {
      kind: "text",
      metavar: "FACILITY",
      description:
        "Over the API: the facility to import into, by its id or a part of its name; the one of the same name where left out"
    },
    as: {
      kind: "text",
      metavar: "NAME",
      description:
        "Into a database: the channel that lines of an API belong to; `import` where left out. Over the API: the channel of the export whose externalIds are kept"
    },
    locale: {
      kind: "text",
      metavar: "LL",
      description: "The language of persons where the export does not tell; sk where left out"
    },
    dryRun: { kind: "boolean", description: "Check every line and say what would be made; write nothing" },
    skipErrors: { kind: "boolean", description: "Import the other lines where some are wrong" },
    report: {
      kind: "file",
      metavar: "FILE",
      description:
        "Where a line of JSON goes for each line that is wrong, refused, or lost something; FILE.report.ndjson where left out"
    }
  },
  args: { file: { kind: "file", required: true, description: "An export in NDJSON" } },
  fields: ["file", "facilityId", "dryRun", "made", "known", "wrong", "dropped", "report"],
  examples: [
    { does: "See what would happen", line: "import clinic.ndjson --dry-run" },
    { does: "Into a database", line: "import clinic.ndjson" },
    { does: "Into a server's facility, what it allows", line: "import clinic.ndjson --facility 2 --skip-errors" }
  ]
})
