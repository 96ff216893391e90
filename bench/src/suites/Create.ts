/** Goals 3 and 4: bookings, each on the disk before its answer, in a database of a million. */
import { copyOf, engineData, peerData } from "../Data.ts"
import { authorization, basePath, loaded, serverFile, startProxy } from "../Http.ts"
import type { Suite } from "../Suite.ts"

export const create: Suite = {
  name: "create",
  title: "`POST /reservations`, durable (synchronous = FULL), different slots, 1,000,000 rows",
  rounds: 5,
  warmUp: true,
  metrics: ["perSecond", "cpuMicros", "p50Ms", "p99Ms"],
  goals: [
    {
      number: 3,
      what: "64 connections, against fastify + better-sqlite3 with one commit each",
      of: "bookio-proxy, 64 connections",
      to: "fastify + better-sqlite3, 64 connections",
      metric: "perSecond",
      atLeast: 2
    },
    {
      number: 4,
      what: "one connection, against the same",
      of: "bookio-proxy, 1 connection",
      to: "fastify + better-sqlite3, 1 connection",
      metric: "perSecond",
      atLeast: 0.8
    }
  ],
  prepare: async (run) => {
    const data = await engineData(run.cache, run.quick ? 1_000 : 1_000_000)
    const kit = await startProxy(run, { BOOKIO_DATABASE: `sqlite:${copyOf(run.cache, data.file, "create.db")}` })
    const peerFile = copyOf(run.cache, peerData(data), "create-peer.db")
    const peer = await run.processes.server(serverFile("FastifySqlite"), { core: 0, args: [peerFile] })
    const load = await run.processes.worker("Load", 1)
    const contender = (name: string, server: typeof kit, connections: number, from: number) => {
      // Each contender has a range of slots of its own; a load begins where the one before it can at most have ended.
      let first = from
      return {
        name,
        measure: async () => {
          const sample = await loaded(load, server, {
            connections,
            durationMs: run.quick ? 200 : 1_200,
            headers: authorization,
            path: `${basePath}/reservations`,
            bookings: { first, services: data.bookings },
            leastBytes: 20
          })
          first += (sample.count ?? 0) + connections
          return sample
        }
      }
    }
    return {
      contenders: [
        contender("bookio-proxy, 64 connections", kit, 64, 0),
        contender("fastify + better-sqlite3, 64 connections", peer, 64, 0),
        contender("bookio-proxy, 1 connection", kit, 1, 5_000_000),
        contender("fastify + better-sqlite3, 1 connection", peer, 1, 5_000_000)
      ]
    }
  }
}
