/** `bookio conformance`, as a process against a listening proxy. */

import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Databases, databasesOf } from "../Databases.ts"
import { type Harness, start } from "../Harness.ts"

let harness: Harness
let databases: Databases

beforeAll(async () => {
  harness = await start()
  databases = await databasesOf(harness)
})
afterAll(() => harness.close())

const onDatabase: Databases["onDatabase"] = (name) => databases.onDatabase(name)
const seeded: Databases["seeded"] = () => databases.seeded()

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
