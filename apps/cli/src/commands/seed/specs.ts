/** `bookio seed`: its description. */
import { command } from "../../Command.ts"

export const seed = command({
  path: ["seed"],
  summary: "Makes what a seed describes in the engine's database: channels, tokens, facilities, calendars",
  details: [
    "The database is made where it is not there. What is there already stays as it is, so a seed can be applied again.",
    "`demo`, or `demo:NUMBER`, is the demonstration: three clinics with two weeks of reservations around today, and tokens that anyone can guess. It is for this machine only."
  ],
  doing: "apply the seed",
  flags: {},
  args: { source: { kind: "file", required: true, description: "A JSON file, or demo, or demo:NUMBER" } },
  fields: ["source", "facilities", "channels"],
  examples: [
    { does: "The demonstration, to try commands on", line: "seed demo" },
    { does: "A practice of one's own", line: "seed practice.json" }
  ]
})
