/** `bookio events listen`, as a process against a listening proxy and a server that is told. */

import { readFileSync } from "node:fs"
import type { IncomingMessage, ServerResponse } from "node:http"
import { afterAll, describe, expect, it } from "vitest"
import { databasesOf, done, serving } from "../Databases.ts"
import { start } from "../Harness.ts"

const harness = await start()
afterAll(() => harness.close())
const databases = await databasesOf(harness)
const { path, onDatabase, freshName, seeded } = databases

describe("events listen", () => {
  it("tells what is kept once, and goes on behind its place", async () => {
    const state = freshName(".json")
    const args = ["events", "listen", "--facility", "1", "--state", state, "--once"]
    const all = done(await harness.bookio([...args, "--after", "0"]))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
    expect(all.length).toBeGreaterThan(100)
    expect(new Set(all.map(({ facilityId }) => facilityId))).toEqual(new Set([1]))
    expect(done(await harness.bookio(args))).toBe("")
    const { stdout } = await harness.bookio(["reservations", "no-show", harness.numberOf(1), "--json"])
    const { reservationId } = JSON.parse(stdout)
    const [next] = done(await harness.bookio(args))
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line))
    expect(next).toMatchObject({ kind: "reservation.changed", reservationId, facilityId: 1 })
    expect(done(await harness.bookio(args))).toBe("")
    done(await harness.bookio(["reservations", "confirm", harness.numberOf(1)]))
    const elsewhere = await harness.bookio(args, onDatabase(seeded()))
    expect(elsewhere.exitCode).toBe(78)
  })

  it("follows until Ctrl-C, and sends each event until it is taken", async () => {
    const got: Array<{ readonly id: number }> = []
    let answers = 0
    let stop = () => {}
    await serving(
      async (request: IncomingMessage, response: ServerResponse) => {
        let body = ""
        for await (const chunk of request) body += chunk
        answers++
        response.writeHead(answers === 1 ? 500 : 204).end()
        if (answers > 1) got.push(JSON.parse(body))
        if (got.length === 3) stop()
      },
      async (url) => {
        const state = freshName(".json")
        const ended = await harness.bookio(
          ["events", "listen", "--after", "1", "--state", state, "--forward-to", `${url}/changes`],
          {
            onStart: (child) => {
              stop = () => void child.kill("SIGINT")
            }
          }
        )
        expect(ended.exitCode).toBe(130)
        expect(ended.stderr).toBe("bookio: event 2 waits: it answered 500\nbookio: event 2 was taken\n")
        expect(got.slice(0, 3).map(({ id }) => id)).toEqual([2, 3, 4])
        expect(JSON.parse(readFileSync(path(state), "utf8")).after).toBeGreaterThanOrEqual(3)
      }
    )
    const plain = await harness.bookio(["events", "listen", "--forward-to", "http://example.com/"])
    expect(plain.exitCode).toBe(2)
  })
})
