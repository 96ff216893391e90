import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { FacilityId } from "@bookio-kit/core/scalar/Id"
import { IndexStore } from "@bookio-kit/gateway/IndexStore"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import * as IndexStorage from "../src/IndexStorage.ts"

const [one, two] = [FacilityId.make(1), FacilityId.make(2)]

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "bookio-index-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

it.effect("what is stored of ids is there when the file is opened again, and for its server only", () =>
  Effect.gen(function* () {
    const filename = join(yield* folder, "data", "gateway.db")
    const use = <A, E>(url: string, effect: Effect.Effect<A, E, IndexStore>) =>
      Effect.provide(effect, IndexStorage.layer(filename, url))
    const known = Effect.flatMap(IndexStore, (store) =>
      Effect.all([
        store.find("reservation", 5),
        store.find("reservation", 6),
        store.find("service", 5),
        store.progress("reservation", one),
        store.progress("blockedTime", one)
      ])
    )
    yield* use(
      "https://a.example.com",
      Effect.gen(function* () {
        const store = yield* IndexStore
        yield* store.put("reservation", one, [])
        yield* store.put("reservation", one, [5, 6, 2 ** 53 - 1])
        yield* store.put("reservation", two, [6])
        yield* store.setProgress("reservation", one, { wholeMs: 1, changesMs: 2 })
        yield* store.setProgress("reservation", one, { wholeMs: 1, changesMs: 1_800_000_000_000 })
        assert.strictEqual(yield* store.find("reservation", 2 ** 53 - 1), one)
      })
    )
    const expected = [one, two, undefined, { wholeMs: 1, changesMs: 1_800_000_000_000 }, undefined]
    assert.deepStrictEqual(yield* use("https://a.example.com", known), expected as never)
    assert.deepStrictEqual(yield* use("https://b.example.com", known), Array(5).fill(undefined) as never)
  }).pipe(Effect.scoped)
)

it.effect("a file that is no database is a wrong setting", () =>
  Effect.gen(function* () {
    const path = yield* folder
    const error = yield* Effect.flip(Effect.provide(IndexStore, IndexStorage.layer(path, "https://a.example.com")))
    assert.include(error.problems.join(), "BOOKIO_GATEWAY_DATABASE")
  }).pipe(Effect.scoped)
)
