import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { layer, make } from "@bookio-kit/conformance/practice/PracticeSubject"
import { practiceConformance } from "@bookio-kit/conformance/practice/vitest"
import { Effect } from "effect"
import * as VdirCalendar from "../../src/VdirCalendar.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "bookio-vdir-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

practiceConformance(
  "a folder of .ics files",
  layer(
    Effect.gen(function* () {
      const path = yield* folder
      return make(yield* VdirCalendar.make({ path, create: true }), {
        tokens: "changes",
        raw: {
          put: (name, text) =>
            Effect.as(
              Effect.sync(() => writeFileSync(join(path, name), text)),
              name
            ),
          get: (href) => Effect.sync(() => readFileSync(join(path, href), "utf8")),
          remove: (href) => Effect.sync(() => rmSync(join(path, href), { force: true }))
        }
      })
    })
  )
)
