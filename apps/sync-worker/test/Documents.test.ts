import { readFileSync } from "node:fs"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { command } from "../src/Commands.ts"
import { readConfig } from "../src/ConfigFile.ts"
import { environment, scratch, writeConfig } from "./Support.ts"

const text = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8")
const readme = text("../README.md")
const guide = text("../../../docs/sync.md")

const examplesOf = (page: string) =>
  [...page.matchAll(/^( *)```yaml\n([\s\S]*?)^ *```/gm)].flatMap(([, indent = "", example = ""]) =>
    example.includes("facilities:") ? [example.replaceAll(new RegExp(`^${indent}`, "gm"), "")] : []
  )

const variables = { ...environment, BOOKIO_SYNC_TOKEN: "x", MALA_PASSWORD: "x", NOVAK_PASSWORD: "x" }

describe("the pages about the worker", () => {
  for (const [name, page] of [
    ["README.md", readme],
    ["docs/sync.md", guide]
  ] as const) {
    it.effect(`MUST show settings that are right, with the schema for the editor (${name})`, () =>
      Effect.gen(function* () {
        const folder = yield* scratch
        const examples = examplesOf(page)
        assert.isNotEmpty(examples)
        for (const example of examples) {
          assert.match(example, /^# yaml-language-server: \$schema=\.\/sync\.schema\.json\n/)
          yield* readConfig(writeConfig(folder, example, "example.yaml"), variables)
        }
      }).pipe(Effect.scoped)
    )
  }

  it("MUST name every command", () => {
    const names = command.subcommands.flatMap(({ commands }) => commands.map(({ name }) => name))
    assert.strictEqual(names.length, 11)
    for (const name of names) assert.include(readme, `\`${name}`)
  })

  it("MUST name every metric", () => {
    const names = text("../src/Metrics.ts").match(/bookio_sync_\w+/g) ?? []
    assert.isNotEmpty(names)
    for (const name of names) assert.include(readme, `\`${name}\``)
  })

  it("MUST tell what each halt means", () => {
    for (const reason of ["restored-server", "foreign-journal", "deletion-budget"])
      assert.include(guide, `\`${reason}\``)
  })
})
