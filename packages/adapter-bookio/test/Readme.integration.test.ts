/** The example of the README is the one that runs. */
import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { run } from "./ReadmeExample.ts"
import { furnish, server, tokenOf } from "./Support.ts"

const file = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8")

describe("the README's example", () => {
  it("stands there as it is here", () => {
    const [, code] = file("ReadmeExample.ts").split(/^\/\*\*.*\n/)
    assert.include(file("../README.md"), `\`\`\`ts\n${code}\`\`\``)
  })

  it.live("runs", () =>
    Effect.gen(function* () {
      const { baseUrl, services } = yield* server
      yield* Effect.provide(furnish, services)
      assert.deepStrictEqual(yield* run(baseUrl, tokenOf("first-write")), { changed: 5, isComplete: true })
    }).pipe(Effect.scoped)
  )
})
