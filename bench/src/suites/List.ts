/** Goal 1: a page of 100 reservations of one facility, from a database of a million. */
import { copyOf, engineData, peerData } from "../Data.ts"
import { authorization, basePath, keepAnswer, loaded, serverFile, startProxy } from "../Http.ts"
import type { Suite } from "../Suite.ts"

export const list: Suite = {
  name: "list",
  title: "`GET /reservations`, a page of 100, engine on SQLite with 1,000,000 rows, 16 connections",
  rounds: 5,
  warmUp: true,
  metrics: ["perSecond", "cpuMicros", "p50Ms", "p99Ms"],
  goals: [
    {
      number: 1,
      what: "page by recent `lastSync` against node:http + JSON.stringify of a page in memory",
      of: "bookio-proxy, another lastSync each time",
      to: "node:http, JSON.stringify",
      metric: "perSecond",
      byCpu: true,
      atLeast: 1
    },
    {
      number: 1,
      what: "page by recent `lastSync` against fastify + better-sqlite3",
      of: "bookio-proxy, another lastSync each time",
      to: "fastify + better-sqlite3, another lastSync each time",
      metric: "perSecond",
      byCpu: true,
      atLeast: 4
    },
    {
      number: 1,
      what: "page of one week against node:http + JSON.stringify of a page in memory",
      of: "bookio-proxy, any week of any facility",
      to: "node:http, JSON.stringify",
      metric: "perSecond",
      byCpu: true,
      atLeast: 1
    },
    {
      number: 1,
      what: "page of one week against fastify + better-sqlite3",
      of: "bookio-proxy, any week of any facility",
      to: "fastify + better-sqlite3, any week of any facility",
      metric: "perSecond",
      byCpu: true,
      atLeast: 4
    }
  ],
  prepare: async (run) => {
    const data = await engineData(run.cache, run.quick ? 1_000 : 1_000_000)
    const kit = await startProxy(run, { BOOKIO_DATABASE: `sqlite:${copyOf(run.cache, data.file, "list.db")}` })
    const { from, to } = data.week
    const rows = `${basePath}/reservations?facilityId=${data.facilityId}`
    const bySync = `${rows}&lastSync=${data.lastSyncMs}`
    const page = await keepAnswer(run, kit.url + bySync, "page.json")
    const peerFile = copyOf(run.cache, peerData(data), "list-peer.db")
    const peer = await run.processes.server(serverFile("FastifySqlite"), { core: 0, args: [peerFile] })
    const json = await run.processes.server(serverFile("NodeJson"), { core: 0, args: [page.file] })
    const fixed = await run.processes.server(serverFile("NodeFixed"), { core: 0, args: [page.file] })
    const load = await run.processes.worker("Load", 1)
    const durationMs = run.quick ? 200 : 1_200
    // Spaces and the order of members may differ, the rows may not: none may answer with much less.
    const asked = { connections: 16, durationMs, headers: authorization, leastBytes: page.bytes * 0.95 }
    // No question is asked twice: an answer that is kept as a whole would say little of a server that is also written to.
    const weeks = Array.from({ length: 14_000 }, (_, index) => {
      // Facility by facility, then another week.
      const back = (run.quick ? 0 : (Math.floor(index / data.bookings.length) * 7) % 200) * 7
      const day = (text: string, days: number) =>
        new Date(Date.parse(text) + (days - back) * 86_400_000).toISOString().slice(0, 10)
      const facilityId = data.bookings[index % data.bookings.length]?.facilityId
      const longer = Math.floor(index / 2_000)
      return `${basePath}/reservations?facilityId=${facilityId}&from=${day(from, 0)}&to=${day(to, longer)}`
    })
    // Half an hour before the first of the rows nothing changed: each of these instants gives the same page.
    const firstInstant = Math.max(0, data.lastSyncMs - 1_700_000)
    const contender = (
      name: string,
      server: typeof kit,
      path: string | ReadonlyArray<string>,
      leastBytes = asked.leastBytes,
      first = 0
    ) => {
      let next = first
      return {
        name,
        measure: async () => {
          const sample = await loaded(load, server, { ...asked, leastBytes, path, asked: next })
          next += (sample.count ?? 0) + asked.connections
          return sample
        }
      }
    }
    const anyInstant = `${rows}&lastSync={n}`
    return {
      contenders: [
        contender("bookio-proxy, another lastSync each time", kit, anyInstant, asked.leastBytes, firstInstant),
        contender(
          "fastify + better-sqlite3, another lastSync each time",
          peer,
          anyInstant,
          asked.leastBytes,
          firstInstant
        ),
        contender("bookio-proxy, any week of any facility", kit, weeks, 1000),
        contender("fastify + better-sqlite3, any week of any facility", peer, weeks, 1000),
        contender("bookio-proxy, the same question again", kit, bySync),
        contender("node:http, JSON.stringify", json, "/"),
        contender("node:http, fixed bytes", fixed, "/")
      ]
    }
  }
}
