import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { KeyRing } from "@bookio-kit/gateway/Sessions"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import * as KeyFile from "../src/KeyFile.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "bookio-keys-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

const key = (digit: number) => ({
  name: `key ${digit}`,
  sha256: String(digit).repeat(64),
  facilities: [1],
  access: "read",
  upstreamToken: `$\{TOKEN}`
})

const keyed = { isPolled: false }

const env = Layer.succeed(ConfigProvider.ConfigProvider)(ConfigProvider.fromEnv({ env: { TOKEN: "upstream" } }))

const names = Effect.map(KeyRing, ({ current }) => {
  const table = current()
  return table._tag === "Keys" ? [...table.keys.values()].map(({ name }) => name) : []
})

// The file is looked at on real disks, so the clock's turn is followed by as many turns of the loop as that takes.
const look = (isSeen: Effect.Effect<boolean, never, KeyRing>) =>
  Effect.gen(function* () {
    yield* TestClock.adjust("2 seconds")
    for (let turn = 0; turn < 10_000 && !(yield* isSeen); turn++) {
      yield* Effect.promise(() => new Promise((resolve) => setImmediate(resolve)))
    }
  })

describe("a keys file", () => {
  it.effect("is in force soon after it has changed, and stays so when it then is wrong", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "keys.json")
      const write = (content: unknown) => Effect.sync(() => writeFileSync(path, JSON.stringify(content)))
      yield* write({ keys: [key(1)] })
      yield* Effect.gen(function* () {
        assert.deepStrictEqual(yield* names, ["key 1"])
        yield* write({ keys: [key(1), key(2)] })
        yield* look(Effect.map(names, ({ length }) => length === 2))
        assert.deepStrictEqual(yield* names, ["key 1", "key 2"])
        yield* write({ keys: [], acess: 1 })
        yield* look(Effect.succeed(false))
        assert.deepStrictEqual(yield* names, ["key 1", "key 2"])
        yield* write({ keys: [key(2)] })
        yield* look(Effect.map(names, ({ length }) => length === 1))
        assert.deepStrictEqual(yield* names, ["key 2"])
      }).pipe(Effect.provide(KeyFile.layer(path, keyed).pipe(Layer.provideMerge(env))))
    }).pipe(Effect.scoped)
  )

  it.effect("that is absent, or not named, is a wrong setting", () =>
    Effect.gen(function* () {
      const build = (path: string | undefined) =>
        Effect.flip(Layer.build(Layer.provide(KeyFile.layer(path, keyed), env)))
      assert.deepStrictEqual((yield* build("/nowhere/keys.json")).problems, [
        "BOOKIO_GATEWAY_KEYS: the file /nowhere/keys.json cannot be read"
      ])
      assert.deepStrictEqual((yield* build(undefined)).problems, [
        "BOOKIO_GATEWAY_KEYS must be the path of a JSON file; BOOKIO_BACKEND=remote needs it"
      ])
    }).pipe(Effect.scoped)
  )

  it.effect("with passthrough is wrong where the upstream is watched, from the start and when it changes", () =>
    Effect.gen(function* () {
      const path = join(yield* folder, "keys.json")
      const write = (content: unknown) => Effect.sync(() => writeFileSync(path, JSON.stringify(content)))
      const polled = { isPolled: true }
      yield* write({ passthrough: true })
      yield* Layer.build(Layer.provide(KeyFile.layer(path, keyed), env))
      const error = yield* Effect.flip(Layer.build(Layer.provide(KeyFile.layer(path, polled), env)))
      assert.deepStrictEqual(error.problems, [
        `BOOKIO_GATEWAY_KEYS: ${path}: passthrough: leaves no token to watch the upstream with; set no BOOKIO_GATEWAY_POLL beside it`
      ])
      yield* write({ keys: [key(1)] })
      yield* Effect.gen(function* () {
        yield* write({ passthrough: true })
        yield* look(Effect.succeed(false))
        assert.deepStrictEqual(yield* names, ["key 1"])
      }).pipe(Effect.provide(KeyFile.layer(path, polled).pipe(Layer.provideMerge(env))))
    }).pipe(Effect.scoped)
  )
})
