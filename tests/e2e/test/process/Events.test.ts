/** The change feed of real processes: nothing lost or told twice over broken connections, shutdown, and two processes on one file. */
import { get } from "node:http"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { base, booking, type Client, clinic, idsOf, makeClient, seedOf, start, temporaryFolder } from "./Support.ts"

const seed = seedOf(clinic("Clinic", "Europe/Bratislava", [{ name: "Group", duration: 60, capacity: 1000 }]))
const facility = 1
const service = 1

interface Message {
  readonly id: number
  readonly event: string
  readonly data: { readonly reservationId?: number; readonly kind?: string }
}

interface Following {
  /** Waits until so many messages have come. */
  readonly until: (count: number) => Promise<ReadonlyArray<Message>>
  /** Breaks the connection off. */
  readonly cut: () => void
  /** How the answer ends: whole, or broken off. */
  readonly ended: Promise<"whole" | "cut">
}

const parse = (block: string): ReadonlyArray<Message> => {
  const fields = new Map(
    block.split("\n").map((line) => [line.slice(0, line.indexOf(":")), line.slice(line.indexOf(":") + 2)])
  )
  const data = fields.get("data")
  return data === undefined
    ? []
    : [{ id: Number(fields.get("id")), event: fields.get("event") ?? "", data: JSON.parse(data) as Message["data"] }]
}

/** Follows the feed; ready when the answer has begun. */
const follow = (url: string, lastEventId?: number, token = "cgm"): Promise<Following> =>
  new Promise((resolve, reject) => {
    const headers = {
      authorization: `Bearer ${token}`,
      ...(lastEventId === undefined ? {} : { "last-event-id": String(lastEventId) })
    }
    const sent = get(`${url}/ext/v1/events`, { headers, agent: false }, (response) => {
      const messages: Array<Message> = []
      let rest = ""
      let wake = () => {}
      response.setEncoding("utf8").on("data", (text: string) => {
        const blocks = `${rest}${text}`.split("\n\n")
        rest = blocks.pop() ?? ""
        messages.push(...blocks.flatMap(parse))
        wake()
      })
      response.on("error", () => {})
      resolve({
        until: (count) =>
          new Promise((told) => {
            wake = () => {
              if (messages.length >= count) told(messages)
            }
            wake()
          }),
        cut: () => sent.destroy(),
        ended: new Promise((told) => {
          response.once("close", () => told(response.complete ? "whole" : "cut"))
        })
      })
    })
    sent.once("error", reject)
  })

const book = async (client: Client, n: number): Promise<number> => {
  const { result } = await client.send(
    "POST",
    `${base}/reservations`,
    booking(n, facility, service, "2030-05-06T10:00:00")
  )
  return result.data?.reservationId as number
}

const numbers = (from: number, count: number) => Array.from({ length: count }, (_, n) => from + n)

const reservations = (messages: ReadonlyArray<Message>) => messages.map(({ data }) => data.reservationId)

describe("the change feed", () => {
  it("MUST tell 200 writes once each and in order to a reader that is cut off ten times", async () => {
    const proxy = await start({ seed })
    const clients = [makeClient(proxy.url), makeClient(proxy.url, "web")] as const
    const ids = await idsOf(clients[0])
    assert.strictEqual(ids.facility("Clinic"), facility)
    // The seed's calendar.
    const told: Array<Message> = [...(await (await follow(proxy.url)).until(1))]
    const writing = Promise.all(
      clients.map(async (client, writer) => {
        const made: Array<number> = []
        for (const n of numbers(writer * 100 + 1, 100)) made.push(await book(client, n))
        return made
      })
    )
    for (const count of numbers(1, 10).map((n) => n * 20 + 1)) {
      const reader = await follow(proxy.url, told.at(-1)?.id)
      const next = await reader.until(count - told.length)
      reader.cut()
      told.push(...next)
    }
    const made = (await writing).flat()
    assert.deepStrictEqual(
      told.map(({ id }) => id),
      numbers(1, told.length)
    )
    assert.sameMembers(reservations(told.slice(1)), made)
    assert.strictEqual(told.length, 201)
  })

  it("MUST end open streams at SIGTERM, whole, and exit with 0", async () => {
    const proxy = await start({ seed })
    const readers = await Promise.all(numbers(1, 20).map(() => follow(proxy.url)))
    await Promise.all(readers.map(({ until }) => until(1)))
    const ends = Promise.all(readers.map(({ ended }) => ended))
    assert.deepStrictEqual(await proxy.stop(), { code: 0, signal: null })
    assert.deepStrictEqual(new Set(await ends), new Set(["whole"]))
  })

  it("MUST tell what another process on the same file has written", async () => {
    const options = { seed, env: { BOOKIO_DATABASE: `sqlite:${join(temporaryFolder(), "bookio.db")}` } }
    const one = await start(options)
    const other = await start(options)
    const reader = await follow(one.url, 1, "web")
    const writer = makeClient(other.url)
    const made = [await book(writer, 1), await book(writer, 2)]
    assert.deepStrictEqual(reservations(await reader.until(2)), made)
    assert.isTrue(
      (await writer.send("PUT", `${base}/reservations/${made[0]}/status`, { status: "CANCELLED" })).result.success
    )
    assert.deepStrictEqual((await reader.until(3)).at(2)?.data.kind, "reservation.changed")
    reader.cut()
  })
})
