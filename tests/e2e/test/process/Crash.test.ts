import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { NotStarted } from "../../src/Proxy.ts"
import { makeModel } from "./CrashModel.ts"
import { base, booking, clinic, idsOf, makeClient, seedOf, start, temporaryFolder } from "./Support.ts"

const seed = seedOf(clinic("Clinic", "Europe/Bratislava", [{ name: "Group", duration: 60, capacity: 1000 }]))
const kills = 20
const clientCount = 8

const killAt = (at: number, mark?: string) => ({
  NODE_OPTIONS: `--import=${fileURLToPath(new URL("./KillAt.ts", import.meta.url))}`,
  KILL_AT: String(at),
  ...(mark === undefined ? {} : { KILL_MARK: mark })
})

/** Each is a query for rows that must not be: what a half-done write would leave, or a change instant that fell. */
const invariants = [
  `SELECT id FROM reservation r WHERE NOT EXISTS
    (SELECT 1 FROM reservation_channel x WHERE x.reservation_id = r.id AND x.channel_id = r.channel_id)`,
  `SELECT reservation_id FROM reservation_channel x LEFT JOIN reservation r ON r.id = x.reservation_id
    WHERE r.id IS NULL OR x.facility_id <> r.facility_id OR x.cancelled <> (r.status = 'CANCELLED')`,
  "SELECT id FROM reservation WHERE (cancel_ms IS NOT NULL) <> (status = 'CANCELLED')",
  "SELECT id FROM reservation WHERE cancellation_reason IS NOT NULL AND status <> 'CANCELLED'",
  `SELECT r.id FROM reservation r JOIN service s ON s.id = r.service_id
    WHERE s.calendar_id <> r.calendar_id OR r.to_ms - r.from_ms <> s.duration_minutes * 60000`,
  `SELECT r.id FROM reservation r JOIN facility f ON f.id = r.facility_id
    WHERE r.changed_ms > f.last_change_ms OR r.changed_ms < r.created_ms`,
  "SELECT id FROM blocked_time b WHERE (SELECT COUNT(*) FROM blocked_time_channel x WHERE x.blocked_time_id = b.id) <> 1",
  `SELECT blocked_time_id FROM blocked_time_channel x LEFT JOIN blocked_time b ON b.id = x.blocked_time_id
    WHERE b.id IS NULL OR x.facility_id <> b.facility_id OR x.removed <> (b.removed_ms IS NOT NULL)`,
  `SELECT b.id FROM blocked_time b JOIN facility f ON f.id = b.facility_id
    WHERE b.changed_ms > f.last_change_ms OR b.changed_ms < b.created_ms`
]

/** Looks into the file beside the server: whole, consistent, and change instants by record. */
const inspect = (filename: string): ReadonlyMap<string, number> => {
  const db = new DatabaseSync(filename, { readOnly: true })
  try {
    assert.deepStrictEqual(
      db
        .prepare("PRAGMA integrity_check")
        .all()
        .map((row) => ({ ...row })),
      [{ integrity_check: "ok" }]
    )
    assert.deepStrictEqual(db.prepare("PRAGMA foreign_key_check").all(), [])
    for (const query of invariants) assert.deepStrictEqual(db.prepare(query).all(), [], query)
    const rows = db
      .prepare(
        `SELECT 'f' || id AS key, last_change_ms AS ms FROM facility UNION ALL
        SELECT 'r' || id, changed_ms FROM reservation UNION ALL SELECT 'b' || id, changed_ms FROM blocked_time`
      )
      .all()
    return new Map(rows.map(({ key, ms }) => [String(key), Number(ms)]))
  } finally {
    db.close()
  }
}

describe("kill -9", () => {
  it(`MUST lose nothing acknowledged and leave nothing half-done, ${kills} times over`, {
    timeout: 90_000
  }, async () => {
    const filename = join(temporaryFolder(), "bookio.db")
    const options = { seed, env: { BOOKIO_DATABASE: `sqlite:${filename}` } }
    let proxy = await start(options)
    const found = await idsOf(makeClient(proxy.url))
    const model = makeModel({
      facility: found.facility("Clinic"),
      service: await found.service("Clinic", "Group")
    })
    let instants = inspect(filename)
    const totals = { acknowledged: 0, open: 0, happened: 0 }
    for (let round = 0; round < kills; round++) {
      const { pid, url } = proxy
      const limit = 10 + ((round * 37) % 90)
      let acknowledged = 0
      const client = async () => {
        const clients = { cgm: makeClient(url, "cgm"), web: makeClient(url, "web") }
        while (true) {
          await model.write(clients)
          acknowledged += 1
          // The others have writes on their way.
          if (acknowledged === limit) process.kill(pid, "SIGKILL")
        }
      }
      const ends = await Promise.allSettled(Array.from({ length: clientCount }, client))
      for (const end of ends) {
        const code = end.status === "rejected" ? (end.reason as NodeJS.ErrnoException).code : "none"
        assert.include(["ECONNRESET", "ECONNREFUSED", "EPIPE"], code)
      }
      assert.strictEqual((await proxy.ended).signal, "SIGKILL")
      assert.deepStrictEqual(model.refused, [])
      proxy = await start(options)
      const settled = await model.settle({ cgm: makeClient(proxy.url, "cgm"), web: makeClient(proxy.url, "web") })
      const after = inspect(filename)
      for (const [key, ms] of instants) assert.isAtLeast(after.get(key) as number, ms, `the change instant of ${key}`)
      instants = after
      totals.acknowledged += acknowledged
      totals.open += settled.open
      totals.happened += settled.happened
    }
    assert.isAbove(totals.acknowledged, 20 * 10)
    assert.isAbove(totals.open, kills, "writes were on their way when the process was killed")
    assert.deepStrictEqual(await proxy.stop(), { code: 0, signal: null })
    inspect(filename)
  })

  it("MUST be all or nothing at every statement of a creation and of a cancellation", { timeout: 90_000 }, async () => {
    const filename = join(temporaryFolder(), "bookio.db")
    const env = { BOOKIO_DATABASE: `sqlite:${filename}` }
    const first = await start({ seed, env })
    const ids = await idsOf(makeClient(first.url))
    const facility = ids.facility("Clinic")
    const service = await ids.service("Clinic", "Group")
    await first.stop()

    // Kills before the first statement after the mark, then before the second, until the write gets through.
    const everyStatement = async (
      write: (
        client: ReturnType<typeof makeClient>,
        mark: string,
        at: number
      ) => Promise<{ readonly success: boolean }>,
      check: (client: ReturnType<typeof makeClient>, at: number) => Promise<"before" | "after">
    ) => {
      const states: Array<"before" | "after"> = []
      for (let at = 1; ; at++) {
        const mark = `mark-${at}`
        const proxy = await start({ seed, env: { ...env, ...killAt(at, mark) } })
        const client = makeClient(proxy.url)
        if (at > 1) {
          states.push(await check(client, at - 1))
          inspect(filename)
        }
        const answered = await write(client, mark, at).catch(() => undefined)
        await proxy.kill()
        if (answered !== undefined) {
          assert.isTrue(answered.success)
          return states
        }
      }
    }

    const created = await everyStatement(
      async (client, mark, at) => {
        const body = { ...booking(at, facility, service, "2030-05-06T10:00:00"), name: mark }
        return (await client.send("POST", `${base}/reservations`, body)).result
      },
      async (client, at) => {
        const rows = await client.all(`/reservations?email=person${at}@example.com`, "reservations")
        if (rows.length === 0) return "before"
        assert.deepInclude(rows[0]!, { externalId: at, needsSync: false, status: "CONFIRMED" })
        return "after"
      }
    )
    // At least the two rows, the savepoint and the commit; only after the commit it is there.
    assert.isAtLeast(created.length, 4)
    assert.deepStrictEqual(
      created,
      created.map(() => "before")
    )

    const target = await start({ seed, env })
    const victim = await makeClient(target.url).send(
      "POST",
      `${base}/reservations`,
      booking(999, facility, service, "2030-05-07T10:00:00")
    )
    const id = victim.result.data?.reservationId
    await target.stop()
    const cancelled = await everyStatement(
      async (client, mark) =>
        (
          await client.send("PUT", `${base}/reservations/${id}/status`, {
            status: "CANCELLED",
            cancellationReason: mark
          })
        ).result,
      async (client) => {
        const [row] = await client.all("/reservations?email=person999@example.com", "reservations")
        assert.deepInclude(row!, { status: "CONFIRMED", needsSync: false })
        return "before"
      }
    )
    assert.isAtLeast(cancelled.length, 4)
  })

  it("MUST start anew after a kill at any statement of the very first start", { timeout: 90_000 }, async () => {
    const totals = async (env: { readonly [name: string]: string }) => {
      const proxy = await start({ env: { BOOKIO_SEED: "demo:3", ...env } })
      const client = makeClient(proxy.url, "demo")
      const facilities = (await client.send("GET", `${base}/facilities/cgm`)).result.data?.facilities
      const calendars = (await client.send("GET", `${base}/calendars`)).result.data?.calendars
      const reservations = await client.all("/reservations", "reservations")
      const blockedTimes = await client.all("/blocked-times", "blockedTimes")
      await proxy.stop()
      return {
        facilities: facilities?.map(({ name }) => name),
        services: calendars?.map(({ services }) => services.map(({ name }) => name)),
        reservations: reservations.map(({ dateFrom, name, status }) => ({ dateFrom, name, status })),
        blockedTimes: blockedTimes.map(({ dateFrom, note }) => ({ dateFrom, note }))
      }
    }
    const undisturbed = await totals({ BOOKIO_DATABASE: "sqlite::memory:" })
    assert.isAbove(undisturbed.reservations.length, 50)
    let killed = 0
    for (let at = 1; ; at *= 4) {
      const filename = join(temporaryFolder(), "bookio.db")
      const env = { BOOKIO_DATABASE: `sqlite:${filename}` }
      const proxy = await start({ env: { BOOKIO_SEED: "demo:3", ...env, ...killAt(at) } }).catch((error) => error)
      if (!(proxy instanceof NotStarted)) break
      assert.strictEqual(proxy.ended.signal, "SIGKILL")
      killed += 1
      assert.deepStrictEqual(await totals(env), undisturbed, `killed at statement ${at}`)
      inspect(filename)
    }
    // Within the tables, within the seed, before its commit.
    assert.isAtLeast(killed, 5)
  })
})
