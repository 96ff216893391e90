/** `bookio facilities`: descriptions. */
import { command } from "../../Command.ts"

export const list = command({
  path: ["facilities", "list"],
  summary: "Lists the facilities that the token reaches",
  doing: "list the facilities",
  flags: {},
  args: {},
  fields: ["id", "name", "address", "contact", "timeZone"],
  examples: [
    { does: "All facilities", line: "facilities list" },
    { does: "Their ids, for a script", line: "facilities list --jq '.[].id'" }
  ]
})
