/** `bookio conformance`: its description. */
import { command } from "../../Command.ts"

export const conformance = command({
  path: ["conformance"],
  summary: "Tries the laws of the API on the server of the profile or the environment",
  details: [
    "Without --write it changes nothing. With it records are made in --facility, and ended behind it.",
    "BOOKIO_TOKEN_2 is a token of another channel, for the laws of isolation. The report holds no patient's data."
  ],
  doing: "try the laws",
  flags: {
    facility: { kind: "id", metavar: "ID", description: "The facility to try the laws on" },
    write: { kind: "boolean", description: "Try the laws that make records too" },
    production: { kind: "boolean", description: "Allow medic.bookio.com, where real patients are" },
    clockTolerance: {
      kind: "text",
      metavar: "TIME",
      description: "How far the server's clock may be from this machine's: 2s where left out"
    },
    report: {
      kind: "choice",
      choices: ["text", "json", "junit"],
      description: "The form of the report; text where left out"
    }
  },
  args: {},
  examples: [
    { does: "Read only, on any server", line: "conformance" },
    { does: "All laws, for CI", line: "conformance --write --facility 1 --report junit > laws.xml" }
  ]
})
