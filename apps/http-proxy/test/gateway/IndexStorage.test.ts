import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { FacilityId } from "@bookio-kit/core/scalar/Id"
import { IndexStore } from "@bookio-kit/gateway/IndexStore"
import { assert, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as GatewayDatabase from "../../src/gateway/GatewayDatabase.ts"
import * as IndexStorage from "../../src/gateway/IndexStorage.ts"

const storage = (filename: string, url: string) =>
  Layer.provide(IndexStorage.layer, GatewayDatabase.layer(filename, url))

const [one, two] = [FacilityId.make(1), FacilityId.make(2)]

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "bookio-index-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

it.effect("what is stored of ids is there when the file is opened again, and for its server only", () =>
  Effect.gen(function* () {
    const filename = join(yield* folder, "data", "gateway.db")
    const use = <A, E>(url: string, effect: Effect.Effect<A, E, IndexStore>) =>
      Effect.provide(effect, storage(filename, url))
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
    const error = yield* Effect.flip(Effect.provide(IndexStore, storage(path, "https://a.example.com")))
    assert.include(error.problems.join(), "BOOKIO_GATEWAY_DATABASE")
  }).pipe(Effect.scoped)
)

it.effect("a file of the time before migrations keeps what it holds", () =>
  Effect.gen(function* () {
    const filename = join(yield* folder, "gateway.db")
    const old = new DatabaseSync(filename)
    old.exec(`CREATE TABLE upstream_server (id INTEGER PRIMARY KEY, url TEXT NOT NULL UNIQUE) STRICT;
      CREATE TABLE known_id (server_id INTEGER NOT NULL, kind INTEGER NOT NULL, id INTEGER NOT NULL,
        facility_id INTEGER NOT NULL, PRIMARY KEY (server_id, kind, id)) STRICT, WITHOUT ROWID;
      CREATE TABLE listing_progress (server_id INTEGER NOT NULL, kind INTEGER NOT NULL,
        facility_id INTEGER NOT NULL, whole_ms INTEGER NOT NULL, changes_ms INTEGER NOT NULL,
        PRIMARY KEY (server_id, kind, facility_id)) STRICT, WITHOUT ROWID;
      INSERT INTO upstream_server VALUES (7, 'https://a.example.com');
      INSERT INTO known_id VALUES (7, 3, 5, 2);`)
    old.close()
    const found = Effect.flatMap(IndexStore, (store) => store.find("reservation", 5))
    assert.strictEqual(yield* Effect.provide(found, storage(filename, "https://a.example.com")), two)
  }).pipe(Effect.scoped)
)
