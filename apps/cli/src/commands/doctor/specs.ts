/** `bookio doctor`: description. */
import { command } from "../../Command.ts"

export const doctor = command({
  path: ["doctor"],
  summary: "Looks at settings, network, token, clock and zone data, and says how to mend what is wrong",
  doing: "look at everything",
  flags: {},
  args: {},
  fields: ["check", "state", "detail", "fix"],
  examples: [
    { does: "What is wrong?", line: "doctor" },
    { does: "For a monitor", line: "doctor --jq '.[] | select(.state != \"ok\")'" }
  ]
})
