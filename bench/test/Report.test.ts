import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { keepOthers, type Results, toMarkdown, writeJson, writePage } from "../src/Report.ts"
import { spreadOf } from "../src/Suite.ts"

const goal = { number: 2, what: "ours against theirs", of: "ours", to: "theirs", metric: "perSecond", atLeast: 0.9 }

const results: Results = {
  date: "2026-11-22T10:00:00.000Z",
  seconds: 12.3,
  machine: { Node: "24" },
  suites: [
    {
      date: "2026-11-22T10:00:01.000Z",
      name: "test",
      title: "A test",
      metrics: ["perSecond", "absent"],
      contenders: [{ name: "ours", metrics: { perSecond: spreadOf([12_345, 12_345]) } }],
      goals: [{ goal, value: spreadOf([0.5, 0.5]), isMet: false }, { goal: { ...goal, number: 1 } }],
      skipped: ["nginx is not installed"]
    }
  ]
}

let folder = ""
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "bench-report-"))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe("toMarkdown", () => {
  it("tells goals by number, what was measured, and what was not", () => {
    const page = toMarkdown(results)
    expect(page).toContain("| 2 | ours against theirs | at least 0.9 | 0.50 |  | **not met** |")
    expect(page.indexOf("| 1 |")).toBeLessThan(page.indexOf("| 2 |"))
    expect(page).toContain("| 1 | ours against theirs | at least 0.9 | not measured |  |  |")
    expect(page).toContain("| ours | 12,345 |")
    expect(page).not.toContain("absent")
    expect(page).toContain("Not measured: nginx is not installed")
  })
})

describe("keepOthers", () => {
  it("keeps the results of suites that were not measured now, with their day", () => {
    const file = join(folder, "page.json")
    const [suite] = results.suites
    if (suite === undefined) throw new Error("no suite")
    const older = { ...suite, name: "older", date: "2026-11-01T10:00:00.000Z" }
    expect(keepOthers(file, results, ["older", "test"]).suites).toEqual([suite])
    writeJson(file, { ...results, suites: [older, { ...suite, skipped: [] }] })
    const kept = keepOthers(file, results, ["older", "test"])
    expect(kept.suites.map(({ name, skipped }) => [name, skipped.length])).toEqual([
      ["older", 1],
      ["test", 1]
    ])
    expect(toMarkdown(kept)).toContain("Measured on 2026-11-01.")
  })
})

describe("writePage", () => {
  it("writes between its marks and keeps what people wrote around them", () => {
    const file = join(folder, "page.md")
    writePage(file, results)
    writeFileSync(file, `${readFileSync(file, "utf8").replace("# Performance", "# Ours")}\nWritten by hand.\n`)
    writePage(file, { ...results, machine: { Node: "25" } })
    const page = readFileSync(file, "utf8")
    expect(page).toContain("# Ours")
    expect(page).toContain("Written by hand.")
    expect(page).toContain("- Node: 25")
    expect(page).not.toContain("- Node: 24")
  })

  it("does not touch a page without its marks", () => {
    const file = join(folder, "page.md")
    writeFileSync(file, "by hand")
    expect(() => writePage(file, results)).toThrow("the marks are gone")
    expect(readFileSync(file, "utf8")).toBe("by hand")
  })
})
