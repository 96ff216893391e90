/** `bookio token`: descriptions. */
import { command } from "../../Command.ts"

const fields = ["id", "channel", "access", "expires", "revoked", "state"] as const
const made = ["id", "channel", "access", "expires", "token"] as const

const onFile =
  "It works on the database of an engine (BOOKIO_DATABASE), also while a server has it open; the server sees the change within a second."
const once = "The token is shown once, on standard output: the database keeps its hash only."

const id = { kind: "id", required: true, description: "The token, by its id" } as const

export const create = command({
  path: ["token", "create"],
  summary: "Makes a token of a channel",
  details: [`${once} --channel names the channel; there is no need to name the only one.`, onFile],
  doing: "make a token",
  flags: {
    access: {
      kind: "choice",
      choices: ["book", "read", "write", "admin"],
      required: true,
      description: "What it may do"
    },
    expires: {
      kind: "text",
      metavar: "TIME",
      description: "When it ends: 90d, 12h, or an RFC 3339 date-time; never where left out"
    }
  },
  args: {},
  fields: made,
  examples: [
    { does: "For the practice's software, without an end", line: "token create --channel cgm --access write" },
    { does: "Into a file, for a quarter", line: "token create --channel web --access book --expires 90d > token.txt" }
  ]
})

export const list = command({
  path: ["token", "list"],
  summary: "Lists the tokens of the database, without the tokens themselves",
  details: [onFile],
  doing: "list the tokens",
  flags: {},
  args: {},
  fields,
  examples: [
    { does: "All of them", line: "token list" },
    { does: "Those that are good", line: `token list --jq '.[] | select(.state == "valid") | .id'` }
  ]
})

export const revoke = command({
  path: ["token", "revoke"],
  summary: "Ends a token at once",
  details: [onFile],
  doing: "revoke the token",
  flags: { yes: { kind: "boolean", short: "y", description: "Do not ask" } },
  args: { id },
  fields,
  examples: [{ does: "One that leaked", line: "token revoke 3 --yes" }]
})

export const rotate = command({
  path: ["token", "rotate"],
  summary: "Makes a new token with the channel and access of another, and ends that",
  details: [once, onFile],
  doing: "rotate the token",
  flags: {
    grace: {
      kind: "text",
      metavar: "TIME",
      description: "How long the old one stays good: 10m, 24h; not at all where left out"
    }
  },
  args: { id },
  fields: made,
  examples: [{ does: "With a day to install the new one", line: "token rotate 3 --grace 24h" }]
})
