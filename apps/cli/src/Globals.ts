/** The flags of every command. */
import type { Given } from "./Command.ts"

/** `json` may stand alone; which rows it then has is all members. */
export const globals = {
  json: {
    kind: "text",
    metavar: "[FIELDS]",
    description: "Print JSON, with all members or those named (`--json id,name`)"
  },
  jq: { kind: "text", metavar: "EXPR", description: "Print what a jq expression makes of that JSON" },
  csv: { kind: "boolean", description: "Print CSV (RFC 4180)" },
  ndjson: { kind: "boolean", description: "Print one JSON value a line, as rows arrive" },
  profile: { kind: "text", metavar: "NAME", description: "The stored profile to use; BOOKIO_PROFILE otherwise" },
  channel: {
    kind: "text",
    metavar: "NAME",
    description: "The channel to act as on a database of BOOKIO_DATABASE without a token"
  },
  verbose: { kind: "boolean", description: "Tell the chain of causes of an error" },
  help: { kind: "boolean", short: "h", description: "Show help with examples" },
  version: { kind: "boolean", description: "Show the version" }
} as const

/** What the command line said of them. */
export type Globals = Given<{ flags: typeof globals; args: Record<never, never> }>["flags"]
