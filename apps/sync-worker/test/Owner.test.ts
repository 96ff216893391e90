import { chmodSync, statSync } from "node:fs"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { ownerOf } from "../src/Owner.ts"
import { scratch } from "./Support.ts"

describe("ownerOf", () => {
  it.effect("MUST keep its file from others, one that was open to them too", () =>
    Effect.gen(function* () {
      const journal = join(yield* scratch, "sync.db")
      const first = yield* Effect.scoped(ownerOf(journal))
      const modeOf = () => statSync(`${journal}.owner`).mode & 0o777
      assert.strictEqual(modeOf(), 0o600)
      chmodSync(`${journal}.owner`, 0o644)
      assert.strictEqual(yield* Effect.scoped(ownerOf(journal)), first)
      assert.strictEqual(modeOf(), 0o600)
    }).pipe(Effect.scoped)
  )
})
