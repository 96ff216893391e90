import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"
import { describe, expect, it } from "vitest"
import type { Results } from "../src/Report.ts"
import { suites } from "../src/Suites.ts"

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url))

const bench = (...args: ReadonlyArray<string>) =>
  spawnSync(process.execPath, [path("../src/main.ts"), ...args], { encoding: "utf8" })

describe("pnpm bench --quick", () => {
  // That it runs is all that is asserted: figures of tiny sizes on a busy machine say nothing.
  it("measures every contender of every suite", { timeout: 240_000 }, () => {
    const { status, stderr } = bench("--quick")
    expect(stderr.split("\n").filter((line) => !/^\d+ s {2}/.test(line))).toEqual([""])
    expect(status).toBe(0)
    const results = JSON.parse(readFileSync(path("../results/quick.json"), "utf8")) as Results
    expect(results.suites.map(({ name }) => name)).toEqual(suites.map(({ name }) => name))
    for (const { contenders } of results.suites) {
      for (const { metrics } of contenders) expect(Object.keys(metrics)).not.toEqual([])
    }
  })
})

describe("pnpm bench", () => {
  it("names the suites that there are when it is asked for another", () => {
    const { status, stderr, stdout } = bench("nothing")
    expect(status).toBe(64)
    expect(stderr).toBe("there is no suite nothing\n")
    expect(stdout).toContain(suites.map(({ name }) => name).join(", "))
  })
})
