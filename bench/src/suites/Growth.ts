/** Goal 15: the same requests over a small and a very large database. */
import { copyOf, engineData } from "../Data.ts"
import { authorization, basePath, loaded, startProxy } from "../Http.ts"
import type { Suite } from "../Suite.ts"

const works = ["list", "week", "slots", "create"] as const

export const growth: Suite = {
  name: "growth",
  title: "1,000 against 5,000,000 reservations: pages of 50, slots of two weeks, bookings on 16 connections",
  rounds: 3,
  warmUp: true,
  metrics: ["perSecond", "cpuMicros", "p50Ms", "p99Ms"],
  goals: works.map((work) => ({
    number: 15,
    what: `${work}: time of a request at 5,000,000 against 1,000`,
    of: `${work}, 1,000`,
    to: `${work}, 5,000,000`,
    metric: "perSecond",
    ...(work === "create" ? {} : { byCpu: true as const }),
    atMost: 2
  })),
  prepare: async (run) => {
    const load = await run.processes.worker("Load", 1)
    const side = async (count: number, shown: string) => {
      const data = await engineData(run.cache, count)
      const server = await startProxy(run, {
        BOOKIO_DATABASE: `sqlite:${copyOf(run.cache, data.file, `growth-${count}.db`)}`
      })
      const asked = { connections: 16, durationMs: run.quick ? 200 : 1_000, headers: authorization, leastBytes: 20 }
      const { facilityId, lastSyncMs, serviceId, week } = data
      const rows = `${basePath}/reservations?facilityId=${facilityId}&limit=50`
      const paths = {
        list: `${rows}&lastSync=${lastSyncMs}`,
        week: `${rows}&from=${week.from}&to=${week.to}`,
        slots: `/ext/v1/slots?facilityId=${facilityId}&serviceId=${serviceId}&from=2027-01-04&to=2027-01-17`
      }
      let first = 0
      return works.map((work) => ({
        name: `${work}, ${shown}`,
        measure: async () => {
          if (work !== "create") return loaded(load, server, { ...asked, path: paths[work] })
          const sample = await loaded(load, server, {
            ...asked,
            path: `${basePath}/reservations`,
            bookings: { first, services: data.bookings }
          })
          first += (sample.count ?? 0) + asked.connections
          return sample
        }
      }))
    }
    const small = await side(1_000, "1,000")
    const large = await side(run.quick ? 10_000 : 5_000_000, "5,000,000")
    return { contenders: small.flatMap((contender, index) => [contender, large[index] ?? contender]) }
  }
}
