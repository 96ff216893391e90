import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import {
  type Answer,
  base,
  booking,
  type Client,
  clinic,
  idsOf,
  makeClient,
  seedOf,
  start,
  temporaryFolder
} from "./Support.ts"

const seed = seedOf(clinic("Clinic", "Europe/Bratislava", [{ name: "Group", duration: 60, capacity: 1000 }]))
const path = `${base}/reservations`
const ten = "2030-05-06T10:00:00"

const lookUp = async (url: string) => {
  const client = makeClient(url)
  const ids = await idsOf(client)
  return { client, facility: ids.facility("Clinic"), service: await ids.service("Clinic", "Group") }
}

const keyed = (client: Client, key: string, body: unknown, query = ""): Promise<Answer> =>
  client.send("POST", path + query, body, { "idempotency-key": key })

const isReplay = ({ headers }: Answer) => headers["idempotency-replayed"] === "true"

describe("Idempotency-Key over HTTP", () => {
  it("MUST give the first answer again, in its language, to the same token, and refuse another body", async () => {
    const proxy = await start({ seed })
    const { client, facility, service } = await lookUp(proxy.url)
    const body = booking(1, facility, service, ten)
    const first = await keyed(client, "k", body)
    assert.deepStrictEqual([first.status, isReplay(first)], [200, false])
    const again = await keyed(client, "k", body, "?lang=sk")
    assert.deepStrictEqual([again.status, again.text, isReplay(again)], [200, first.text, true])
    assert.notStrictEqual(again.headers["x-request-id"], first.headers["x-request-id"])
    const other = await keyed(client, "k", { ...body, note: "other" })
    assert.deepStrictEqual([other.status, other.result.errorCode], [400, 10])
    assert.match(other.result.errors?.[0] ?? "", /^Idempotency-Key: /)
    const refused = await keyed(client, "refused", body, "?lang=sk")
    const refusedAgain = await keyed(client, "refused", body, "?lang=de")
    assert.strictEqual(refused.result.errorCode, 40)
    assert.deepStrictEqual([refusedAgain.text, isReplay(refusedAgain)], [refused.text, true])
    // Of another channel's token the key is another, and so is the reservation.
    const web = await keyed(makeClient(proxy.url, "web"), "k", booking(2, facility, service, ten))
    assert.deepStrictEqual([web.status, isReplay(web)], [200, false])
    assert.strictEqual((await client.all("/reservations", "reservations")).length, 2)
  })

  it("MUST leave the key free after a request of the wrong form, or without the right", async () => {
    const proxy = await start({ seed })
    const { client, facility, service } = await lookUp(proxy.url)
    const body = booking(1, facility, service, ten)
    assert.strictEqual((await keyed(client, "k", { ...body, email: "nobody" })).result.errorCode, 10)
    assert.strictEqual((await keyed(client, "k", { ...body, facilityId: 999 })).result.errorCode, 403)
    assert.strictEqual((await keyed(client, "k", { ...body, note: "x".repeat(70_000) })).status, 413)
    const answer = await keyed(client, "k", body)
    assert.deepStrictEqual([answer.status, isReplay(answer)], [200, false])
  })

  it("MUST make one of many requests at once, over several processes on one file", async () => {
    const env = { BOOKIO_DATABASE: `sqlite:${join(temporaryFolder(), "bookio.db")}` }
    const [one, two] = [await start({ seed, env }), await start({ seed, env })]
    const { client, facility, service } = await lookUp(one.url)
    const clients = [client, makeClient(two.url)]
    for (let round = 0; round < 10; round++) {
      const body = booking(round + 1, facility, service, ten)
      const answers = await Promise.all(Array.from({ length: 20 }, (_, n) => keyed(clients[n % 2]!, `k${round}`, body)))
      assert.strictEqual(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size, 1)
      assert.strictEqual(answers.filter((answer) => !isReplay(answer)).length, 1)
    }
    assert.strictEqual((await client.all("/reservations", "reservations")).length, 10)
  })
})

describe("kill -9", () => {
  const killAt = (at: number, mark: string) => ({
    NODE_OPTIONS: `--import=${fileURLToPath(new URL("./KillAt.ts", import.meta.url))}`,
    KILL_AT: String(at),
    KILL_MARK: mark
  })

  it("MUST leave a retry with the same key one effect and one answer, whatever statement it hit", {
    timeout: 90_000
  }, async () => {
    const filename = join(temporaryFolder(), "bookio.db")
    const env = { BOOKIO_DATABASE: `sqlite:${filename}` }
    let killed = 0
    for (let at = 1; ; at++) {
      const mark = `mark-${at}`
      const proxy = await start({ seed, env: { ...env, ...killAt(at, mark) } })
      const { client, facility, service } = await lookUp(proxy.url)
      const bodyOf = (n: number) => ({ ...booking(n, facility, service, ten), name: `mark-${n}` })
      if (at > 1) {
        const retried = await keyed(client, `k${at - 1}`, bodyOf(at - 1))
        const again = await keyed(client, `k${at - 1}`, bodyOf(at - 1))
        assert.deepStrictEqual([retried.status, again.text, isReplay(again)], [200, retried.text, true])
        const rows = await client.all(`/reservations?email=person${at - 1}@example.com`, "reservations")
        assert.deepStrictEqual(
          rows.map(({ id }) => id),
          [retried.result.data?.reservationId]
        )
      }
      const answer = await keyed(client, `k${at}`, bodyOf(at)).catch(() => undefined)
      await proxy.kill()
      if (answer !== undefined) break
      killed += 1
    }
    // The two rows, the line of the audit log, the answer under its key, the commit.
    assert.isAtLeast(killed, 5)
    const db = new DatabaseSync(filename, { readOnly: true })
    const created = db.prepare("SELECT COUNT(*) AS n FROM audit_entry WHERE operation = 'createReservation'").get()
    const reservations = db.prepare("SELECT COUNT(*) AS n FROM reservation").get()
    assert.deepStrictEqual({ ...created }, { ...reservations })
    db.close()
  })

  it("MUST change no answer that was given, and make nothing twice, under load", { timeout: 90_000 }, async () => {
    const env = { BOOKIO_DATABASE: `sqlite:${join(temporaryFolder(), "bookio.db")}` }
    const given = new Map<number, string>()
    let sent = 0
    let open = 0
    for (let round = 0; round < 6; round++) {
      const proxy = await start({ seed, env })
      const { client, facility, service } = await lookUp(proxy.url)
      const ask = async (n: number) => {
        const { text } = await keyed(client, `k${n}`, booking(n, facility, service, ten))
        assert.strictEqual(text, given.get(n) ?? text)
        given.set(n, text)
      }
      // All of the rounds before once more: some were answered, some were on their way.
      for (let n = 1; n <= sent; n++) await ask(n)
      if (round === 5) {
        const rows = await client.all("/reservations", "reservations")
        assert.strictEqual(rows.length, sent)
        assert.strictEqual(new Set(given.values()).size, sent)
        break
      }
      const until = sent + 20 + round * 13
      const before = given.size
      let acknowledged = 0
      const work = async () => {
        while (true) {
          const n = ++sent
          await Promise.all([ask(n), ask(n)])
          acknowledged += 1
          if (before + acknowledged === until) process.kill(proxy.pid, "SIGKILL")
        }
      }
      const ends = await Promise.allSettled(Array.from({ length: 6 }, work))
      for (const end of ends) {
        if (end.status === "rejected" && end.reason instanceof Error && end.reason.name === "AssertionError")
          throw end.reason
      }
      assert.strictEqual((await proxy.ended).signal, "SIGKILL")
      open += sent - given.size
    }
    assert.isAbove(open, 5, "writes were on their way when the process was killed")
  })
})
