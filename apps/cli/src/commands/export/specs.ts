/** `bookio export`: its description. */
import { command } from "../../Command.ts"

export const exportFacility = command({
  path: ["export"],
  summary: "Writes everything of a facility to a file: calendars, reservations, blocked times",
  details: [
    "A run that was stopped goes on where it was when the same command is given again: until the export is whole it is FILE.partial, with FILE.resume beside it. Without FILE it goes to standard output.",
    "Over a database without a token or --channel it is exact: with every channel's view, removed blocked times and instants to the millisecond, so that `bookio import` makes the same again. Over the API it is what one channel sees. Tokens, audit lines and webhooks are in a `bookio backup` only.",
    "NDJSON has one record a line, each as the API lists it, with its `kind`. Records that change meanwhile can come twice: the last line counts."
  ],
  doing: "export the facility",
  flags: {
    facility: { kind: "text", metavar: "FACILITY", description: "The facility, by its id or a part of its name" },
    format: {
      kind: "choice",
      choices: ["ndjson", "csv"],
      description: "One JSON value a line, which can be imported (the default), or CSV for a spreadsheet"
    },
    restart: { kind: "boolean", description: "Begin anew where a stopped run could go on" },
    overwrite: { kind: "boolean", description: "Replace FILE where it is there" }
  },
  args: { file: { kind: "file", description: "The file to make; standard output where left out" } },
  fields: ["file", "facilityId", "source", "complete", "reservations", "blockedTimes"],
  examples: [
    { does: "A facility of a server", line: "export clinic.ndjson --facility 1" },
    { does: "For a spreadsheet", line: "export clinic.csv --facility 1 --format csv" },
    {
      does: "Only the confirmed ones, through jq",
      line: `export --facility 1 | jq -c 'select(.status == "CONFIRMED")'`
    }
  ]
})
