import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { readConfig } from "../src/ConfigFile.ts"
import { demonstrationOf } from "../src/Demonstration.ts"
import { scratch, writeConfig } from "./Support.ts"

describe("demonstrationOf", () => {
  it("MUST keep everything beside the usual database", () => {
    const found = demonstrationOf({})
    assert.strictEqual(found?.origin, "http://127.0.0.1:8080")
    assert.strictEqual(found?.config, "data/bookio-sync.yaml")
    assert.strictEqual(found?.folder, "data/practice/novak")
    assert.deepStrictEqual(demonstrationOf({ BOOKIO_SEED: "demo:7", BOOKIO_DATABASE: "" }), found)
  })

  it("MUST give each port its settings file, and each database its journal and folder", () => {
    const usual = demonstrationOf({})
    const port = demonstrationOf({ BOOKIO_PROXY_PORT: "8081", BOOKIO_PROXY_HOST: "::1" })
    assert.strictEqual(port?.config, "data/bookio-sync-8081.yaml")
    assert.strictEqual(port?.origin, "http://[::1]:8081")
    assert.strictEqual(port?.folder, usual?.folder)
    const other = demonstrationOf({ BOOKIO_DATABASE: "sqlite:/tmp/clinic.db" })
    assert.strictEqual(other?.config, "/tmp/clinic-sync.yaml")
    assert.strictEqual(other?.folder, "/tmp/clinic-practice/novak")
    assert.include(other?.text ?? "", 'journal: "clinic-sync.db"')
  })

  it("MUST leave alone what is no demonstration that it could find", () => {
    for (const environment of [
      { BOOKIO_BACKEND: "remote" },
      { BOOKIO_SEED: "clinics.json" },
      { BOOKIO_PROXY_PORT: "0" },
      { BOOKIO_PROXY_PORT: "wrong" },
      { BOOKIO_DATABASE: "sqlite::memory:" },
      { BOOKIO_DATABASE: "wrong" }
    ]) {
      assert.isUndefined(demonstrationOf(environment), JSON.stringify(environment))
    }
  })

  it.effect("MUST write settings that are right, and the same facility whatever the port", () =>
    Effect.gen(function* () {
      const folder = yield* scratch
      const read = (environment: { readonly [name: string]: string }, name: string) =>
        readConfig(writeConfig(folder, demonstrationOf(environment)?.text ?? "", name), {
          BOOKIO_SYNC_TOKEN: "demo-sync"
        })
      const usual = yield* read({}, "one.yaml")
      const port = yield* read({ BOOKIO_PROXY_PORT: "8081" }, "two.yaml")
      const [one, two] = [usual.config.facilities[0], port.config.facilities[0]]
      assert.strictEqual(one?.facilityId, 1)
      assert.strictEqual(one?.bookio.baseUrl, "http://127.0.0.1:8080/public/api/v1")
      assert.strictEqual(two?.bookio.baseUrl, "http://127.0.0.1:8081/public/api/v1")
      assert.strictEqual(one?.bookio.identity, two?.bookio.identity)
      assert.strictEqual(usual.config.journal, port.config.journal)
    }).pipe(Effect.scoped)
  )
})
