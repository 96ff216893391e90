/**
 * What a command needs that works on the engine's database itself. Whoever may read and write the file may do everything
 * with it, so no token is asked for. The files that such a command makes are their owner's only.
 */
import { existsSync, mkdirSync } from "node:fs"
import { dirname, resolve } from "node:path"
import type { AdminError } from "@bookio-kit/adapter-sql/admin/AdminError"
import type { Database } from "@bookio-kit/adapter-sql/database/Database"
import { SettingsError } from "@bookio-kit/core/settings/Settings"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { CommandError } from "../Failure.ts"
import type { Invocation } from "../Invocation.ts"
import { target } from "../Target.ts"

/** The file of the engine's database that this run is about. @errors `SettingsError` where it is a server. */
export const databaseFile = Effect.gen(function* () {
  process.umask(0o077)
  const to = yield* target
  if (to._tag === "Embedded") return resolve(to.filename)
  return yield* new SettingsError({
    problems: ["this works on the database of an engine: set BOOKIO_DATABASE=sqlite:PATH, on the machine that has it"]
  })
})

/** Tells what the administration refuses as a failure of the command. */
export const tellAdmin = <A, E, R>(effect: Effect.Effect<A, E | AdminError, R>) =>
  Effect.catchIf(
    effect,
    (error): error is Extract<E | AdminError, AdminError> =>
      typeof error === "object" && error !== null && "_tag" in error && error._tag === "AdminError",
    ({ isFile, problem }) => Effect.fail(new CommandError({ why: problem, exitCode: isFile === true ? 78 : 1 }))
  )

/** What a command wants of the file: that it is there, or to make it, or to look only, where a new one is as good as none. */
export type Wanted = "there" | "new" | "look"

const prepare = (filename: string, wanted: Wanted) =>
  Effect.try({
    try: () => {
      if (wanted === "look" && !existsSync(filename)) return ":memory:"
      if (wanted === "new") mkdirSync(dirname(filename), { recursive: true, mode: 0o700 })
      return filename
    },
    catch: () => new SettingsError({ problems: [`BOOKIO_DATABASE: the folder of ${filename} cannot be made`] })
  })

/** Runs a command over the engine's database. */
export const withDatabase = <E>(
  run: (filename: string) => Effect.Effect<void, E | AdminError, Database | Invocation>,
  wanted: Wanted = "there"
) =>
  Effect.gen(function* () {
    const filename = yield* databaseFile
    const opened = yield* prepare(filename, wanted)
    const { databaseLayer } = yield* Effect.promise(() => import("./Embedded.ts"))
    const isNew = wanted === "new" || opened !== filename
    yield* tellAdmin(Effect.provide(run(filename), Layer.fresh(databaseLayer(opened, { isNew }))))
  })
