/** What the verbs of the sync share: options as the worker has them, its services, and its failures as the command's. */
import { JournalError, LeaseLost } from "@bookio-kit/core/sync/Journal"
import * as Logging from "@bookio-kit/sync-worker/Logging"
import { NotFound } from "@bookio-kit/sync-worker/NotFound"
import { type CommonOptions, RunFailed } from "@bookio-kit/sync-worker/Run"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import { CommandError, usageError } from "../../Failure.ts"
import { Invocation } from "../../Invocation.ts"

const locked = {
  Locked: "the journal is locked by another process",
  Full: "the journal cannot grow: the disk is full",
  Internal: "the journal cannot be read"
} as const

const tell = (error: unknown) => {
  if (error instanceof JournalError) {
    return new CommandError({ why: locked[error.reason] })
  }
  if (error instanceof LeaseLost) {
    return new CommandError({
      why: "another worker is in a pass over this facility",
      fix: "try again when it ended, or stop it"
    })
  }
  if (error instanceof NotFound) {
    return new CommandError({
      why: error.message,
      fix: "`conflicts`, `parked` and `status` show what there is",
      exitCode: 12
    })
  }
  return error
}

/** Runs a verb of the worker. What it could do only in part ends with exit code 3; its report has said why. */
export const verb = <E>(
  flags: { readonly config: string | undefined; readonly facility: string | undefined },
  run: (options: CommonOptions) => Effect.Effect<unknown, E, HttpClient.HttpClient | Scope.Scope>
) =>
  Effect.gen(function* () {
    const { globals, setPartly } = yield* Invocation
    process.umask(0o077)
    if (globals.csv || globals.ndjson || globals.jq !== undefined) {
      return yield* usageError("of the forms of output this command knows --json")
    }
    const options: CommonOptions = {
      config: Option.fromUndefinedOr(flags.config),
      facility: Option.fromUndefinedOr(flags.facility),
      json: globals.json !== undefined
    }
    yield* run(options).pipe(
      Effect.scoped,
      Effect.provide(Layer.merge(FetchHttpClient.layer, Logging.layer)),
      Effect.catch((error) => {
        if (!(error instanceof RunFailed)) return Effect.fail(tell(error))
        if (!error.isPartly) return Effect.fail(new CommandError({ why: "it failed for every facility, as was told" }))
        return Effect.sync(setPartly)
      })
    )
  })
