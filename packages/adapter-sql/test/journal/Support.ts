/** What the tests of the journal share. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { FacilityKey, Journal } from "@bookio-kit/core/sync/Journal"
import { Context, Effect, Layer } from "effect"
import * as SqlJournal from "../../src/journal/Journal.ts"

/** A file in a folder of its own, which goes with the scope. */
export const temporaryFile = Effect.map(
  Effect.acquireRelease(
    Effect.sync(() => mkdtempSync(join(tmpdir(), "bookio-journal-"))),
    (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
  ),
  (folder) => join(folder, "journal.db")
)

/** Opens a journal until the scope ends. */
export const open = (filename: string) =>
  Effect.map(Layer.build(SqlJournal.layerFile({ filename })), (context) => Context.get(context, Journal))

export const facility = FacilityKey.make("facility")
