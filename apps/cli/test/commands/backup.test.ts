/** `bookio backup` and `bookio restore`, as processes, also of the database of a running server. */
import { existsSync } from "node:fs"
import { afterAll, describe, expect, it } from "vitest"
import { databasesOf, done } from "../Databases.ts"
import { type RunOptions, start } from "../Harness.ts"

const harness = await start()
afterAll(() => harness.close())
const databases = await databasesOf(harness)
const { onDatabase, freshName, seeded } = databases

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
