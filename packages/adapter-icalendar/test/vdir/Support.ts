/** What tests of a calendar in a folder have in common. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import * as VdirCalendar from "../../src/VdirCalendar.ts"
import { type FileError, type Files, systemFiles } from "../../src/vdir/Files.ts"

export const scratch = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "bookio-vdir-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

/** A calendar in a folder of the test's own. */
export const opened = (files: Files = systemFiles) =>
  Effect.gen(function* () {
    const path = yield* scratch
    const calendar = yield* VdirCalendar.make({ path, create: true }, files)
    const write = (name: string, text: string) => writeFileSync(join(path, name), text)
    return { path, calendar, write, at: (name: string) => join(path, name) }
  })

export const failing = (code: string): Effect.Effect<never, FileError> =>
  Effect.fail({ _tag: "FileError", code, cause: undefined })
