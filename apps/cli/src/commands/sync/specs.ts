/** `bookio sync`: descriptions; the verbs of the sync worker, on its settings and its journal. */
import { command } from "../../Command.ts"

const common = {
  config: {
    kind: "file",
    metavar: "FILE",
    description: "The worker's settings, in YAML or JSON; without it BOOKIO_SYNC_CONFIG, then ./bookio-sync.yaml"
  },
  facility: { kind: "text", metavar: "NAME", description: "Only this facility of the settings" }
} as const

const settings =
  "The servers, tokens and calendars are those of the worker's settings, not those of a profile. Of the forms of output it knows --json."

const full = { kind: "boolean", description: "Compare both sides in full, whatever cursors and tokens say" } as const

const verb = <const Name extends string, const Summary extends string>(name: Name, summary: Summary) =>
  ({ path: ["sync", name], summary, details: [settings] }) as const

export const run = command({
  ...verb("run", "Synchronises Bookio and practice calendars for ever"),
  doing: "synchronise",
  flags: common,
  args: {},
  examples: [{ does: "As the worker does", line: "sync run --config bookio-sync.yaml" }]
})

export const once = command({
  ...verb("once", "Makes one pass over each facility"),
  doing: "make the pass",
  flags: { ...common, full },
  args: {},
  examples: [{ does: "From cron", line: "sync once --config bookio-sync.yaml" }]
})

export const plan = command({
  ...verb("plan", "Shows what a pass would do; writes nothing"),
  doing: "plan a pass",
  flags: { ...common, full },
  args: {},
  examples: [{ does: "Before the first pass", line: "sync plan --full" }]
})

export const verify = command({
  ...verb("verify", "Compares both sides in full and shows what differs; writes nothing"),
  doing: "compare both sides",
  flags: common,
  args: {},
  examples: [{ does: "Both sides of a facility", line: "sync verify --facility clinic" }]
})

export const status = command({
  ...verb("status", "Shows how each facility stands, by the journal"),
  doing: "read the journal",
  flags: common,
  args: {},
  examples: [{ does: "All facilities", line: "sync status" }]
})

export const conflicts = command({
  ...verb("conflicts", "Shows what lost or was refused, with both values"),
  doing: "read the conflicts",
  flags: { ...common, all: { kind: "boolean", description: "Resolved ones too" } },
  args: {},
  examples: [{ does: "Those that wait for someone", line: "sync conflicts" }]
})

export const resolve = command({
  ...verb("resolve", "Decides a conflict; the next pass does it"),
  doing: "resolve the conflict",
  flags: {
    ...common,
    keep: {
      kind: "choice",
      choices: ["bookio", "practice"],
      required: true,
      description: "Whose value is to stand on both sides"
    }
  },
  args: { id: { kind: "text", required: true, description: "The conflict" } },
  examples: [{ does: "The practice's value stands", line: "sync resolve 4711 --keep practice" }]
})

export const parked = command({
  ...verb("parked", "Shows what waits, and why"),
  doing: "read what waits",
  flags: common,
  args: {},
  examples: [{ does: "All that waits", line: "sync parked" }]
})

export const retry = command({
  ...verb("retry", "Takes a parked item up again in the next pass"),
  doing: "take it up again",
  flags: common,
  args: { id: { kind: "text", required: true, description: "The parked item, or all" } },
  examples: [{ does: "After what was wrong was mended", line: "sync retry all" }]
})

export const why = command({
  ...verb("why", "Tells the story of a record: both sides, what was decided and sent, and what came of it"),
  doing: "tell the story",
  flags: common,
  args: {
    id: {
      kind: "text",
      required: true,
      description: "An item, conflict, reservation, blocked time or externalId, or an event's UID"
    }
  },
  examples: [{ does: "Why a reservation is where it is", line: "sync why 17" }]
})

export const resume = command({
  ...verb("resume", "Lets a facility go on that stands still, once you have looked at why"),
  doing: "let it go on",
  flags: common,
  args: {},
  examples: [{ does: "After a look at `bookio sync status`", line: "sync resume --facility clinic" }]
})
