import { readFileSync } from "node:fs"
import { decodeSeed } from "@bookio-kit/adapter-sql/seed/ApplySeed"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { settings } from "../src/Settings.ts"

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")

describe("the README", () => {
  it.effect("shows a seed that is right", () =>
    Effect.gen(function* () {
      const example = /```json\n([\s\S]*?)```/.exec(readme)?.[1] ?? ""
      const seed = yield* decodeSeed(JSON.parse(example))
      assert.deepStrictEqual(
        seed.channels.map(({ name }) => name),
        ["practice-software", "web"]
      )
    })
  )

  it("names every setting", () => {
    for (const { name } of Object.values(settings)) assert.include(readme, `\`${name}\``)
  })
})
