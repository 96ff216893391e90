/** `bookio backup` and `bookio restore`, as processes, also of the database of a running server. */
import { existsSync } from "node:fs"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Databases, databasesOf, done } from "../Databases.ts"
import { type Harness, type RunOptions, start } from "../Harness.ts"

let harness: Harness
let databases: Databases

beforeAll(async () => {
  harness = await start()
  databases = await databasesOf(harness)
})
afterAll(() => harness.close())

const onDatabase: Databases["onDatabase"] = (name) => databases.onDatabase(name)
const freshName: Databases["freshName"] = (ending) => databases.freshName(ending)
const seeded: Databases["seeded"] = () => databases.seeded()

describe("backup and restore", () => {
  it("copies the database of a running server, and brings it back where no server runs", async () => {
    const copy = freshName(".db")
    const made = JSON.parse(done(await harness.bookio(["backup", copy, "--json"], databases.live)))
    expect(made).toMatchObject({ file: copy, kind: "engine" })
    expect((await harness.bookio(["backup", copy], databases.live)).exitCode).toBe(78)
    const refused = await harness.bookio(["restore", copy, "--yes"], databases.live)
    expect(refused.exitCode).toBe(1)
    expect(refused.stderr).toContain("another process has")
    const target = seeded()
    const ask = await harness.bookio(["restore", copy], onDatabase(target))
    expect(ask.exitCode).toBe(2)
    const restored = await harness.bookio(["restore", copy, "--yes", "--json"], onDatabase(target))
    expect(restored.exitCode).toBe(0)
    const { kept } = JSON.parse(restored.stdout)
    expect(existsSync(kept)).toBe(true)
    const numbers = async (options: RunOptions) =>
      done(
        await harness.bookio(
          ["reservations", "list", "--all", "--jq", "[.[].number] | sort", "--channel", "cgm"],
          options
        )
      )
    expect(await numbers(onDatabase(target))).toBe(await numbers(databases.live))
  })
})
