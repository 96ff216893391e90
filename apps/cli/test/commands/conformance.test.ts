/** `bookio conformance`, as a process against a listening proxy. */

import { afterAll, describe, expect, it } from "vitest"
import { databasesOf } from "../Databases.ts"
import { start } from "../Harness.ts"

const harness = await start()
afterAll(() => harness.close())
const databases = await databasesOf(harness)
const { onDatabase, seeded } = databases

describe("conformance", () => {
  it("tries the laws that only read on the server of the environment", async () => {
    const { exitCode, stdout } = await harness.bookio(["conformance", "--report", "json", "--facility", "1"])
    expect(exitCode).toBe(0)
    // Which laws hold; their times differ.
    const held = (text: string) => text.replace(/\d+(\.\d+)? (ms|s)\b|"(durationMs|ms)": [\d.]+/g, "N")
    const table = await harness.bookio(["conformance", "--facility", "1"])
    await expect(held(harness.transcript(["conformance", "--facility", "1"], table))).toMatchFileSnapshot(
      "../golden/conformance.txt"
    )
    const json = await harness.bookio(["conformance", "--facility", "1", "--json"])
    await expect(held(harness.transcript(["conformance", "--facility", "1", "--json"], json))).toMatchFileSnapshot(
      "../golden/conformance-json.txt"
    )
    expect(JSON.parse(stdout).laws.length).toBeGreaterThan(10)
    expect((await harness.bookio(["conformance"], onDatabase(seeded()))).exitCode).toBe(2)
    expect((await harness.bookio(["conformance", "--write"])).exitCode).toBe(2)
  })
})
