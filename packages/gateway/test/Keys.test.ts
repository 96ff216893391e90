import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Redacted } from "effect"
import { decodeKeys } from "../src/Keys.ts"

const env = {
  TOKEN_A: "upstream-a",
  TOKEN_A_AGAIN: "upstream-a",
  TOKEN_B: "upstream-b",
  SPACED: "two words",
  EMPTY: ""
}

const read = (json: unknown) =>
  decodeKeys(json, "keys.json").pipe(
    Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env }))
  )

/** How the file names a variable of the environment. */
const variable = (name: string) => `$\{${name}}`

const digit = (n: number) => String(n).repeat(64)

const rule = (n: number, given: object = {}) => ({
  name: `key ${n}`,
  sha256: digit(n),
  facilities: [1],
  access: "write",
  upstreamToken: variable("TOKEN_A"),
  ...given
})

const problemsOf = (json: unknown) => Effect.map(Effect.flip(read(json)), ({ problems }) => problems)

describe("a keys file", () => {
  it.effect("gives keys by their digest, with upstream tokens from the environment", () =>
    Effect.gen(function* () {
      const rate = { requestsPerSecond: 5, burst: 10 }
      const table = yield* read({
        keys: [rule(1, { sync: true, rate }), rule(2, { upstreamToken: variable("TOKEN_B") })]
      })
      assert.strictEqual(table._tag, "Keys")
      if (table._tag !== "Keys") return
      const first = table.keys.get(digit(1))
      assert.deepInclude(first, { name: "key 1", access: "write", sync: true, rate })
      assert.deepStrictEqual([...(first?.facilities ?? [])], [1] as never)
      assert.strictEqual(first && Redacted.value(first.upstreamToken), "upstream-a")
      assert.deepInclude(table.keys.get(digit(2)), { sync: false })
      assert.isFalse(JSON.stringify([...table.keys.values()]).includes("upstream-"))
    })
  )

  it.effect("may let callers bring their own tokens", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* read({ passthrough: true }), { _tag: "Passthrough" })
    })
  )

  const wrong: ReadonlyArray<readonly [string, unknown, string]> = [
    ["that is no object", [], "the file: must be an object"],
    ["with neither", {}, "must have keys, or passthrough: true"],
    ["with both", { passthrough: true, keys: [] }, "keys: must be left out beside passthrough"],
    ["with a member that is not known", { keys: [rule(1, { acess: "read" })] }, "keys[0].acess: is not known"],
    [
      "with a digest of the wrong form",
      { keys: [rule(1, { sha256: "AB" })] },
      "keys[0].sha256: must be 64 hexadecimal"
    ],
    ["with no facilities", { keys: [rule(1, { facilities: [] })] }, "keys[0].facilities: must not be empty"],
    ["with an access that is not known", { keys: [rule(1, { access: "root" })] }, "keys[0].access: must be one of"],
    ["with one name twice", { keys: [rule(1), rule(2, { name: "key 1" })] }, "keys[1].name: another key has this name"],
    ["with one key twice", { keys: [rule(1), rule(2, { sha256: digit(1) })] }, "keys[1].sha256: another key has"],
    [
      "with a variable that is not set",
      { keys: [rule(1, { upstreamToken: variable("MISSING") })] },
      "keys[0].upstreamToken: the environment variable MISSING is not set"
    ],
    [
      "with a variable that is empty",
      { keys: [rule(1, { upstreamToken: variable("EMPTY") })] },
      "keys[0].upstreamToken: the environment variable EMPTY is not set"
    ],
    [
      "with a token that no header can hold",
      { keys: [rule(1, { upstreamToken: variable("SPACED") })] },
      "keys[0].upstreamToken: the environment variable SPACED must hold visible ASCII"
    ],
    [
      "with two keys that confirm sync with one token, also by two variables",
      { keys: [rule(1, { sync: true }), rule(2, { sync: true, upstreamToken: variable("TOKEN_A_AGAIN") })] },
      "keys[1].sync: keys[0] confirms sync with the same upstream token already"
    ]
  ]
  for (const [what, json, problem] of wrong) {
    it.effect(`${what} is refused`, () =>
      Effect.gen(function* () {
        const problems = yield* problemsOf(json)
        assert.strictEqual(problems.length, 1)
        assert.include(problems[0] ?? "", `BOOKIO_GATEWAY_KEYS: keys.json: ${problem}`)
      })
    )
  }

  it.effect("that holds a token is refused without repeating it", () =>
    Effect.gen(function* () {
      const problems = yield* problemsOf({ keys: [rule(1, { upstreamToken: "secret-token-itself" })] })
      assert.isFalse(problems.join().includes("secret"))
      assert.include(problems.join(), "a token must not stand in the file")
    })
  )

  it.effect("tells all problems at once", () =>
    Effect.gen(function* () {
      const problems = yield* problemsOf({ keys: [rule(1, { access: 1, facilities: "all" }), rule(2, { sha256: 5 })] })
      assert.strictEqual(problems.length, 3)
    })
  )

  it.effect("may have two keys that confirm sync with two tokens", () =>
    Effect.gen(function* () {
      const table = yield* read({
        keys: [rule(1, { sync: true }), rule(2, { sync: true, upstreamToken: variable("TOKEN_B") })]
      })
      assert.strictEqual(table._tag, "Keys")
    })
  )
})
