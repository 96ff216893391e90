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
      of: "bookio-proxy, lastSync",
      to: "node:http, JSON.stringify",
      metric: "perSecond",
      byCpu: true,
      atLeast: 1
    },
    {
      number: 1,
      what: "page by recent `lastSync` against fastify + better-sqlite3",
      of: "bookio-proxy, lastSync",
      to: "fastify + better-sqlite3, lastSync",
      metric: "perSecond",
      byCpu: true,
      atLeast: 4
    },
    {
      number: 1,
      what: "page of one week against node:http + JSON.stringify of a page in memory",
      of: "bookio-proxy, one week",
      to: "node:http, JSON.stringify",
      metric: "perSecond",
      byCpu: true,
      atLeast: 1
    },
    {
      number: 1,
      what: "page of one week against fastify + better-sqlite3",
      of: "bookio-proxy, one week",
      to: "fastify + better-sqlite3, one week",
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
    const byWeek = `${rows}&from=${from}&to=${to}`
    const page = await keepAnswer(run, kit.url + bySync, "page.json")
    const peerFile = copyOf(run.cache, peerData(data), "list-peer.db")
    const peer = await run.processes.server(serverFile("FastifySqlite"), { core: 0, args: [peerFile] })
    const json = await run.processes.server(serverFile("NodeJson"), { core: 0, args: [page.file] })
    const fixed = await run.processes.server(serverFile("NodeFixed"), { core: 0, args: [page.file] })
    const load = await run.processes.worker("Load", 1)
    const durationMs = run.quick ? 200 : 1_200
    // Spaces and the order of members may differ, the rows may not: none may answer with much less.
    const asked = { connections: 16, durationMs, headers: authorization, leastBytes: page.bytes * 0.95 }
    // Weeks and facilities that nobody has asked for lately, which what stays in memory does not answer.
    const scattered = Array.from({ length: 2_000 }, (_, index) => {
      const back = (run.quick ? 0 : (index * 7) % 200) * 7 * 86_400_000
      const day = (text: string) => new Date(Date.parse(text) - back).toISOString().slice(0, 10)
      const facilityId = data.bookings[index % data.bookings.length]?.facilityId
      return `${basePath}/reservations?facilityId=${facilityId}&from=${day(from)}&to=${day(to)}`
    })
    const contender = (
      name: string,
      server: typeof kit,
      path: string | ReadonlyArray<string>,
      leastBytes = asked.leastBytes
    ) => ({
      name,
      measure: () => loaded(load, server, { ...asked, leastBytes, path })
    })
    return {
      contenders: [
        contender("bookio-proxy, lastSync", kit, bySync),
        contender("fastify + better-sqlite3, lastSync", peer, bySync),
        contender("bookio-proxy, one week", kit, byWeek, 1000),
        contender("fastify + better-sqlite3, one week", peer, byWeek, 1000),
        contender("bookio-proxy, any week of any facility", kit, scattered, 1000),
        contender("fastify + better-sqlite3, any week of any facility", peer, scattered, 1000),
        contender("node:http, JSON.stringify", json, "/"),
        contender("node:http, fixed bytes", fixed, "/")
      ]
    }
  }
}
