/** `bookio seed`, as a process on databases of its own. */
import { existsSync, statSync, writeFileSync } from "node:fs"
import { afterAll, describe, expect, it } from "vitest"
import { databasesOf } from "../Databases.ts"
import { start } from "../Harness.ts"

const harness = await start()
afterAll(() => harness.close())
const databases = await databasesOf(harness)
const { path, onDatabase, freshName, seeded } = databases

describe("seed", () => {
  it("makes a database that is its owner's only, and leaves what is there as it is", async () => {
    const name = seeded()
    expect(statSync(path(name)).mode & 0o777).toBe(0o600)
    const again = await harness.bookio(["seed", "seed.json", "--json"], onDatabase(name))
    expect(again.exitCode).toBe(0)
    expect(JSON.parse(again.stdout).channels).toEqual(["cgm", "web", "sync"])
    expect(again.stderr).toContain("can be guessed")
  })

  it("says what is wrong with a seed before a database is made", async () => {
    const name = freshName(".db")
    writeFileSync(
      path("wrong.json"),
      JSON.stringify({ facilities: [], channels: [{ name: "a", facilities: ["x"], tokens: [] }] })
    )
    const { exitCode, stderr } = await harness.bookio(["seed", "wrong.json"], onDatabase(name))
    expect(exitCode).toBe(78)
    expect(stderr).toContain('there is no facility "x" in this seed')
    expect(existsSync(path(name))).toBe(false)
  })

  it("is refused without a database", async () => {
    const { exitCode, stderr } = await harness.bookio(["seed", "demo"])
    expect(exitCode).toBe(78)
    expect(stderr).toContain("set BOOKIO_DATABASE=sqlite:PATH")
  })
})
