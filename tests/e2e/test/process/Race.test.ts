import { fork } from "node:child_process"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { assert, describe, it, onTestFinished } from "@effect/vitest"
import type { Errand, Outcome, Report, Step } from "./RaceClient.ts"
import { base, booking, type Client, clinic, idsOf, makeClient, seedOf, start, temporaryFolder } from "./Support.ts"

const program = fileURLToPath(new URL("./RaceClient.ts", import.meta.url))
const contested = "2030-05-06T10:00:00"
const capacity = 3

const seed = seedOf(clinic("Clinic", "Europe/Bratislava", [{ name: "Group", duration: 60, capacity }]))

/** Sends all steps at once, from one client process for each list. */
const race = async (errands: ReadonlyArray<Errand>): Promise<ReadonlyArray<Outcome>> => {
  const children = errands.map(() => fork(program, { execArgv: [] }))
  onTestFinished(() => {
    for (const child of children) child.kill("SIGKILL")
  })
  const heard = (child: (typeof children)[number]) =>
    new Promise<Report>((resolve, reject) => {
      child.once("message", (report: Report) => resolve(report))
      child.once("exit", (code) => reject(new Error(`a client ended with code ${code}`)))
    })
  await Promise.all(
    children.map((child, index) => {
      const ready = heard(child)
      child.send(errands[index]!)
      return ready
    })
  )
  const reports = await Promise.all(
    children.map((child) => {
      const done = heard(child)
      child.send("go")
      return done
    })
  )
  return reports.flatMap((report) => ("outcomes" in report ? report.outcomes : []))
}

/** Deals the steps to client processes in turn; the processes take the servers in turn. */
const deal = (
  urls: ReadonlyArray<string>,
  processes: number,
  sockets: number,
  steps: ReadonlyArray<Step>
): ReadonlyArray<Errand> =>
  Array.from({ length: processes }, (_, p) => ({
    url: urls[p % urls.length]!,
    sockets,
    steps: steps.filter((_, index) => index % processes === p)
  }))

const counts = (outcomes: ReadonlyArray<Outcome>) => {
  const found: Record<string, number> = {}
  for (const { result, status } of outcomes) {
    const name = result.success ? "success" : `${status}/${result.errorCode ?? result.reason}`
    found[name] = (found[name] ?? 0) + 1
  }
  return found
}

const create = (n: number, ids: Ids, dateFrom: string, delta: number): Step => ({
  method: "POST",
  path: "/reservations",
  body: booking(n, ids.facility, ids.service, dateFrom),
  delta
})
const move = (path: string, dateFrom: string, delta: number): Step => ({
  method: "PUT",
  path: `${path}/term`,
  body: { dateFrom },
  delta
})
const setStatus = (path: string, status: string, delta: number): Step => ({
  method: "PUT",
  path: `${path}/status`,
  body: { status },
  delta
})

interface Ids {
  readonly facility: number
  readonly service: number
}

const lookUp = async (client: Client): Promise<Ids> => {
  const ids = await idsOf(client)
  return { facility: ids.facility("Clinic"), service: await ids.service("Clinic", "Group") }
}

const day = contested.slice(0, 10)
const confirmed = (client: Client) => client.all(`/reservations?status=CONFIRMED&from=${day}&to=${day}`, "reservations")

const done = async (client: Client, step: Step): Promise<number> => {
  const { result, text } = await client.send(step.method, base + step.path, step.body)
  assert.isTrue(result.success, text)
  return result.data?.reservationId as number
}

// Days well apart, so that nobody meets anybody in the places that are not contested.
const elsewhere = (n: number) =>
  `2031-${String(1 + (n % 12)).padStart(2, "0")}-${String(1 + (Math.floor(n / 12) % 28)).padStart(2, "0")}T08:00:00`

describe("the race for one slot", () => {
  it("MUST confirm 3 of 1,000 creations from four processes, and refuse 997 with 30", { timeout: 90_000 }, async () => {
    const proxy = await start({ seed })
    const client = makeClient(proxy.url)
    const ids = await lookUp(client)
    const steps = Array.from({ length: 1000 }, (_, n) => create(n + 1, ids, contested, 1))
    const outcomes = await race(deal([proxy.url], 4, 50, steps))
    assert.deepStrictEqual(counts(outcomes), { success: 3, "400/30": 997 })
    const won = outcomes.flatMap(({ result }) => (result.success ? [result.data?.reservationId] : []))
    const rows = await client.all("/reservations", "reservations")
    assert.sameMembers(
      rows.map(({ id }) => id),
      won
    )
    assert.deepStrictEqual(
      rows.map(({ dateFrom, status }) => [dateFrom, status]),
      rows.map(() => [contested, "CONFIRMED"])
    )
  })

  it("MUST never hold more than 3 while creations, moves, re-confirmations and cancellations mix", {
    timeout: 120_000
  }, async () => {
    const proxy = await start({ seed })
    const client = makeClient(proxy.url)
    const ids = await lookUp(client)
    const cancelled: Array<number> = []
    for (let n = 1; n <= 60; n++) {
      const id = await done(client, create(n, ids, contested, 1))
      await done(client, setStatus(`/reservations/${id}`, "CANCELLED", -1))
      cancelled.push(id)
    }
    const outside = await Promise.all(
      Array.from({ length: 200 }, (_, n) => done(client, create(100 + n, ids, elsewhere(n), 0)))
    )
    const inside = await Promise.all([1, 2, 3].map((n) => done(client, create(500 + n, ids, contested, 1))))
    // Who gets in leaves again at once, one in two hundred stays; so the slot is filled and emptied many times.
    const stays = (index: number) => index % 200 === 7
    const steps: ReadonlyArray<Step> = [
      ...inside.map((id) => setStatus(`/reservations/${id}`, "CANCELLED", -1)),
      ...Array.from({ length: 737 }, (_, n): Step => {
        const made = create(1000 + n, ids, contested, 1)
        return stays(n) ? made : { ...made, after: setStatus("/reservations/{id}", "DID_NOT_COME", -1) }
      }),
      ...outside.map((id, n): Step => {
        const moved = move(`/reservations/${id}`, contested, 1)
        return stays(n) ? moved : { ...moved, after: move(`/reservations/${id}`, elsewhere(n), -1) }
      }),
      ...cancelled.map((id, n): Step => {
        const again = setStatus(`/reservations/${id}`, "CONFIRMED", 1)
        return stays(n) ? again : { ...again, after: setStatus(`/reservations/${id}`, "CANCELLED", -1) }
      })
    ]
    // The same mixture each time, in an order that mixes the kinds.
    const mixed = steps
      .map((step, index) => ({ step, key: (index * 7919) % steps.length }))
      .sort((a, b) => a.key - b.key)
    let running = true
    const seen: Array<number> = []
    const watching = (async () => {
      while (running) seen.push((await confirmed(client)).length)
    })()
    const outcomes = await race(
      deal(
        [proxy.url],
        4,
        8,
        mixed.map(({ step }) => step)
      )
    )
    running = false
    await watching
    const unexpected = outcomes.filter(({ result }) => !result.success && result.errorCode !== 30)
    assert.deepStrictEqual(unexpected, [])
    assert.isAtMost(Math.max(...seen), capacity, "seen by a reader meanwhile")
    const gained = outcomes.filter(({ result }) => result.success).reduce((sum, { delta }) => sum + delta, 0)
    const left = await confirmed(client)
    assert.strictEqual(left.length, inside.length + gained, "what was acknowledged adds up")
    assert.isAtMost(left.length, capacity)
    const entered = outcomes.filter(({ delta, result }) => result.success && delta === 1).length
    assert.isAbove(entered, 3 * capacity, "the slot changed hands")
  })

  it("MUST hold 3 when two server processes race on one database file", { timeout: 120_000 }, async () => {
    const folder = temporaryFolder()
    const options = { seed, env: { BOOKIO_DATABASE: `sqlite:${join(folder, "shared.db")}` } }
    // Both at once: the first start of a database is a race too.
    const [one, two] = await Promise.all([start(options), start(options)])
    const client = makeClient(one.url)
    const ids = await lookUp(client)
    const steps = Array.from({ length: 600 }, (_, n) => create(n + 1, ids, contested, 1))
    const outcomes = await race(deal([one.url, two.url], 4, 50, steps))
    assert.deepStrictEqual(counts(outcomes), { success: 3, "400/30": 597 })
    const other = makeClient(two.url)
    assert.strictEqual((await client.all("/reservations", "reservations")).length, capacity)
    assert.strictEqual((await other.all("/reservations", "reservations")).length, capacity)
    const facilities = (await other.send("GET", `${base}/facilities/cgm`)).result.data?.facilities
    assert.strictEqual(facilities?.length, 1, "one of the two applied the seed")
  })

  it("MUST book one externalId once, and name that reservation in 99 refusals", { timeout: 60_000 }, async () => {
    const folder = temporaryFolder()
    const options = { seed, env: { BOOKIO_DATABASE: `sqlite:${join(folder, "shared.db")}` } }
    const one = await start(options)
    const two = await start(options)
    const client = makeClient(one.url)
    const ids = await lookUp(client)
    const steps = Array.from({ length: 100 }, (_, n): Step => {
      const made = create(n + 1, ids, elsewhere(n), 0)
      return { ...made, body: { ...booking(n + 1, ids.facility, ids.service, elsewhere(n)), externalId: 4711 } }
    })
    const outcomes = await race(deal([one.url, two.url], 4, 50, steps))
    assert.deepStrictEqual(counts(outcomes), { success: 1, "400/40": 99 })
    assert.strictEqual(new Set(outcomes.map(({ result }) => result.data?.reservationId)).size, 1)
    assert.strictEqual((await client.all("/reservations", "reservations")).length, 1)
  })
})
