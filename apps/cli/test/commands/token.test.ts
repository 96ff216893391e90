/** `bookio token`, as a process on the database of a running server and on others. */

import { afterAll, describe, expect, it } from "vitest"
import { databasesOf, done, type Row } from "../Databases.ts"
import { start } from "../Harness.ts"

const harness = await start()
afterAll(() => harness.close())
const databases = await databasesOf(harness)
const { onDatabase, seeded } = databases

describe("token", () => {
  const works = async (token: string) =>
    (await harness.bookio(["facilities", "list", "--json"], { env: { BOOKIO_TOKEN: token } })).exitCode

  it("makes one that the running server takes, rotates it, and ends it", async () => {
    const made = await harness.bookio(["token", "create", "--channel", "web", "--access", "read"], databases.live)
    expect(made.exitCode).toBe(0)
    expect(made.stdout).toMatch(/^[\w-]{43}\n$/)
    expect(made.stderr).toMatch(
      /^Token \d+ of channel "web" with access read does not expire. It is shown this once:\n$/
    )
    const token = made.stdout.trim()
    expect(await works(token)).toBe(0)
    const listed = JSON.parse(
      done(await harness.bookio(["token", "list", "--json"], databases.live))
    ) as ReadonlyArray<Row>
    const { id } = listed.at(-1)!
    expect(listed.at(-1)).toEqual({ id, channel: "web", access: "read", state: "valid" })
    expect(JSON.stringify(listed)).not.toContain(token)
    const rotated = await harness.bookio(["token", "rotate", String(id), "--json"], databases.live)
    const next = JSON.parse(rotated.stdout)
    expect(rotated.stderr).toBe(`Token ${id} is revoked.\n`)
    expect(next).toMatchObject({ channel: "web", access: "read" })
    expect(await works(next.token)).toBe(0)
    expect((await harness.bookio(["token", "revoke", String(next.id)], databases.live)).exitCode).toBe(2)
    done(await harness.bookio(["token", "revoke", String(next.id), "--yes"], databases.live))
    // A server may take a second to see it.
    const deadline = Date.now() + 5_000
    for (const ended of [token, next.token]) {
      while ((await works(ended)) !== 4) expect(Date.now()).toBeLessThan(deadline)
    }
  })

  it("shows tokens as a table, and says what is wrong", async () => {
    const name = seeded()
    const runs = [
      ["token", "create", "--access", "write", "--expires", "soon", "--channel", "cgm"],
      ["token", "create", "--access", "write"],
      ["token", "create", "--access", "write", "--channel", "nobody"],
      ["token", "rotate", "1", "--grace", "a while"],
      ["token", "rotate", "99"],
      ["token", "revoke", "1", "--yes"],
      ["token", "list"]
    ]
    let text = ""
    for (const args of runs) {
      const ended = await harness.bookio(args, onDatabase(name))
      text += `${harness.transcript(args, ended).replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "NOW")}\n`
    }
    await expect(text).toMatchFileSnapshot("../golden/token.txt")
  })
})
