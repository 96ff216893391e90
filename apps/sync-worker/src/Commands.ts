/** `bookio-sync` as a command line. A secret is never an argument. */
import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Ask from "./Ask.ts"
import * as Run from "./Run.ts"

const common = {
  config: Flag.String("config").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("The settings file, in YAML or JSON; without it BOOKIO_SYNC_CONFIG, then ./bookio-sync.yaml"),
    Flag.optional
  ),
  facility: Flag.String("facility").pipe(
    Flag.withMetavar("NAME"),
    Flag.withDescription("Only this facility of the settings"),
    Flag.optional
  ),
  json: Flag.Boolean("json").pipe(Flag.withDescription("Write JSON"), Flag.withDefault(false))
} as const

const full = Flag.Boolean("full").pipe(
  Flag.withDescription("Compare both windows in full, whatever cursors and tokens say"),
  Flag.withDefault(false)
)

const id = (description: string) => Argument.String("id").pipe(Argument.withDescription(description))

const commands = [
  Command.make("run", common, (options) => Effect.scoped(Run.run(options))).pipe(
    Command.withDescription("Synchronises for ever.")
  ),
  Command.make("once", { ...common, full }, (options) => Effect.scoped(Run.once(options))).pipe(
    Command.withDescription("Makes one pass over each facility, for cron: exit code 0 done, 1 failed, 3 partly done.")
  ),
  Command.make("plan", { ...common, full }, (options) => Effect.scoped(Run.plan(options))).pipe(
    Command.withDescription("Shows what a pass would do; writes nothing.")
  ),
  Command.make("verify", common, (options) => Effect.scoped(Run.plan({ ...options, full: true }))).pipe(
    Command.withDescription("Compares both sides in full and shows what differs; writes nothing.")
  ),
  Command.make("status", common, (options) => Effect.scoped(Ask.status(options))).pipe(
    Command.withDescription("Shows how each facility stands.")
  ),
  Command.make(
    "conflicts",
    {
      ...common,
      all: Flag.Boolean("all").pipe(Flag.withDescription("Resolved ones too"), Flag.withDefault(false))
    },
    (options) => Effect.scoped(Ask.conflicts(options))
  ).pipe(Command.withDescription("Shows what lost or was refused, with both values.")),
  Command.make(
    "resolve",
    {
      ...common,
      id: id("The conflict"),
      keep: Flag.Literals("keep", ["bookio", "practice"]).pipe(
        Flag.withDescription("Whose value is to stand on both sides")
      )
    },
    (options) => Effect.scoped(Ask.resolve(options))
  ).pipe(Command.withDescription("Decides a conflict; the next pass does it.")),
  Command.make("parked", common, (options) => Effect.scoped(Ask.parked(options))).pipe(
    Command.withDescription("Shows what waits, and why.")
  ),
  Command.make("retry", { ...common, id: id("The parked item, or all") }, (options) =>
    Effect.scoped(Ask.retry(options))
  ).pipe(Command.withDescription("Takes a parked item up again in the next pass.")),
  Command.make(
    "why",
    { ...common, id: id("An item, conflict, reservation, blocked time or externalId, or an event's UID") },
    (options) => Effect.scoped(Ask.why(options))
  ).pipe(Command.withDescription("Shows base, both sides, what was decided and sent, and what came of it.")),
  Command.make("resume", common, (options) => Effect.scoped(Ask.resume(options))).pipe(
    Command.withDescription("Lets a facility go on that stands still, once you have looked at why.")
  )
] as const

export const command = Command.make("bookio-sync").pipe(
  Command.withDescription("Keeps Bookio and practice calendars in step, both ways."),
  Command.withSubcommands(commands)
)
