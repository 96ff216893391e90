/** Goal 14: how soon the server is ready, and what it holds in memory. */
import { copyOf, engineData } from "../Data.ts"
import { authorization, basePath, loaded, startProxy } from "../Http.ts"
import { memoryMib, type Server } from "../Processes.ts"
import type { Suite } from "../Suite.ts"

const settleMs = 1_000

// In plain JavaScript, for Node's own compiler of types would count as memory of node:http.
const plainServer = `require("node:http").createServer((_, response) => response.end("{}")).listen(0, "127.0.0.1", function () {
  console.log("listening on http://127.0.0.1:" + this.address().port)
})`

const measureStart = async (start: () => Promise<Server>, quick: boolean) => {
  const server = await start()
  await new Promise((resolve) => setTimeout(resolve, quick ? 100 : settleMs))
  const sample = { readyMs: server.readyMs, idleMib: memoryMib(server.pid) }
  await server.stop()
  return sample
}

export const start: Suite = {
  name: "start",
  title: "Start and memory of `bookio-proxy`",
  rounds: 5,
  warmUp: true,
  metrics: ["readyMs", "idleMib"],
  goals: [
    { number: 14, what: "ready after", of: "bookio-proxy", metric: "readyMs", atMost: 200, unit: "ms" },
    {
      number: 14,
      what: "idle memory against node:http",
      of: "bookio-proxy",
      to: "node:http",
      metric: "idleMib",
      atMost: 1.3
    }
  ],
  prepare: async (run) => {
    const data = await engineData(run.cache, 1_000)
    const file = copyOf(run.cache, data.file, "start.db")
    return {
      contenders: [
        {
          name: "bookio-proxy",
          measure: () => measureStart(() => startProxy(run, { BOOKIO_DATABASE: `sqlite:${file}` }), run.quick)
        },
        {
          name: "node:http",
          measure: () => measureStart(() => run.processes.server("", { core: 0, args: ["-e", plainServer] }), run.quick)
        }
      ]
    }
  }
}

export const memory: Suite = {
  name: "memory",
  title: "Memory of `bookio-proxy` under load: a list, a small GET and a booking in turn, step after step",
  rounds: 1,
  warmUp: false,
  metrics: ["count", "idleMib", "loadedMib", "grownMib"],
  goals: [
    {
      number: 14,
      what: "growth from the second to the last third of the load, by requests instead of an hour",
      of: "bookio-proxy",
      metric: "grownMib",
      atMost: 10,
      unit: "MiB"
    }
  ],
  prepare: async (run) => {
    const data = await engineData(run.cache, 1_000)
    const server = await startProxy(run, { BOOKIO_DATABASE: `sqlite:${copyOf(run.cache, data.file, "memory.db")}` })
    const load = await run.processes.worker("Load", 1)
    const asked = { connections: 16, durationMs: run.quick ? 100 : 1_000, headers: authorization, leastBytes: 20 }
    return {
      contenders: [
        {
          name: "bookio-proxy",
          measure: async () => {
            const idleMib = memoryMib(server.pid)
            const after: Array<number> = []
            let count = 0
            let first = 0
            for (let step = 0; step < (run.quick ? 3 : 12); step++) {
              const list = await loaded(load, server, { ...asked, path: `${basePath}/reservations?facilityId=1` })
              const small = await loaded(load, server, { ...asked, path: `${basePath}/facilities/cgm` })
              const booked = await loaded(load, server, {
                ...asked,
                path: `${basePath}/reservations`,
                bookings: { first, services: data.bookings }
              })
              first += (booked.count ?? 0) + asked.connections
              count += (list.count ?? 0) + (small.count ?? 0) + (booked.count ?? 0)
              after.push(memoryMib(server.pid))
            }
            // Memory rises and falls with each collection, and caches fill first: what the second and the last third of the
            // steps have at most is compared.
            const third = after.length / 3
            const grownMib = Math.max(...after.slice(2 * third)) - Math.max(...after.slice(third, 2 * third))
            return { count, idleMib, loadedMib: Math.max(...after), grownMib }
          }
        }
      ]
    }
  }
}
