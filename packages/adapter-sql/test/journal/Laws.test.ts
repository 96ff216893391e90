/** The journal on SQLite keeps the laws of the port, in memory and on a file. */
import { journalLaws } from "@bookio-kit/conformance/journal/JournalLaws"
import { describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { TestClock } from "effect/testing"
import { open, temporaryFile } from "./Support.ts"

const pass = (ms: number) => TestClock.adjust(ms)

for (const [where, filename] of [
  ["in memory", Effect.succeed(":memory:")],
  ["on a file", temporaryFile]
] as const) {
  describe(`the journal on SQLite ${where}`, () => {
    for (const { name, run } of journalLaws) {
      it.effect(name, () => Effect.flatMap(Effect.flatMap(filename, open), (journal) => run({ journal, pass })))
    }
  })
}
