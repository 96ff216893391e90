/** Goals 11 and 12: a first pass, its memory, and a pass with nothing to do. */
import { rmSync } from "node:fs"
import { join } from "node:path"
import { copyOf, engineData, syncToken } from "../Data.ts"
import { basePath, startProxy } from "../Http.ts"
import type { Run, Suite } from "../Suite.ts"
import type { Given, PassResult } from "../workers/Sync.ts"

const facilities = 10
const pageSize = 100
const inFlight = 16

// A proxy over a fresh copy, in which the practice's channel has confirmed nothing yet, and a worker with a fresh journal.
const prepare = async (run: Run, perFacility: number, latencyMs: number, name: string) => {
  const data = await engineData(run.cache, perFacility * facilities)
  const file = copyOf(run.cache, data.file, `${name}.db`)
  const proxy = await startProxy(run, { BOOKIO_DATABASE: `sqlite:${file}` })
  const worker = await run.processes.worker("Sync", 1)
  const given: Given = {
    baseUrl: `${proxy.url}${basePath}`,
    token: syncToken,
    facilityId: data.facilityId,
    journal: join(run.processes.folder, `${name}-journal.db`),
    latencyMs
  }
  await worker.call("open", given)
  const end = async () => {
    await worker.call("close")
    await worker.stop()
    await proxy.stop()
    for (const left of ["", "-wal", "-shm"]) rmSync(`${file}${left}`, { force: true })
  }
  return { pass: (watchesMemory: boolean) => worker.call<PassResult>("pass", watchesMemory), end }
}

/** Seconds that the requests take that nobody can do without: listing, a PUT, a confirmation, listing once more. */
const idealSeconds = (reservations: number, { confirmations, creates }: PassResult, latencyMs: number) =>
  ((2 * Math.ceil(reservations / pageSize) + creates + confirmations) * latencyMs) / inFlight / 1000

const settled = (result: PassResult): PassResult => {
  if (!result.isSettled || result.confirmations === 0) throw new Error(`the pass left work: ${JSON.stringify(result)}`)
  return result
}

export const sync: Suite = {
  name: "sync",
  title:
    "Sync of one facility: the first pass over 10,000 reservations, 16 requests in flight, 20 ms latency on both sides",
  rounds: 1,
  warmUp: false,
  metrics: ["share", "seconds", "requests", "cpuMs"],
  goals: [
    {
      number: 11,
      what: "first pass over 10,000 reservations, both servers with 20 ms latency, of the ideal",
      of: "first pass",
      metric: "share",
      atLeast: 0.9
    }
  ],
  prepare: async (run) => {
    const [reservations, latencyMs] = run.quick ? [100, 2] : [10_000, 20]
    return {
      contenders: [
        {
          name: "first pass",
          measure: async () => {
            const { end, pass } = await prepare(run, reservations, latencyMs, "sync")
            const result = settled(await pass(false))
            await end()
            const { cpuMs, requests, seconds } = result
            return { share: idealSeconds(reservations, result, latencyMs) / seconds, seconds, requests, cpuMs }
          }
        }
      ]
    }
  }
}

export const syncLarge: Suite = {
  name: "sync-large",
  title: "Sync of one facility: 100,000 reservations without latency",
  rounds: 1,
  warmUp: false,
  isLong: true,
  metrics: ["seconds", "requests", "cpuMs", "mib"],
  goals: [
    {
      number: 11,
      what: "memory of a first pass over 100,000 against one over 10,000",
      of: "first pass over 100,000",
      to: "first pass over 10,000",
      metric: "mib",
      atMost: 1.2
    },
    {
      number: 12,
      what: "requests of a pass with nothing to do over 100,000 links",
      of: "nothing to do, 100,000 links",
      metric: "requests",
      atMost: 3
    },
    {
      number: 12,
      what: "CPU time of it",
      of: "nothing to do, 100,000 links",
      metric: "cpuMs",
      atMost: 50,
      unit: "ms"
    }
  ],
  prepare: async (run) => {
    const [few, many] = run.quick ? [100, 300] : [10_000, 100_000]
    const first = async (reservations: number, name: string) => {
      const side = await prepare(run, reservations, 0, name)
      const { cpuMs, heapMib, requests, seconds } = settled(await side.pass(true))
      return { ...side, sample: { seconds, requests, cpuMs, mib: heapMib } }
    }
    let large: Awaited<ReturnType<typeof first>> | undefined
    return {
      contenders: [
        {
          name: "first pass over 10,000",
          measure: async () => {
            const { end, sample } = await first(few, "sync-few")
            await end()
            return sample
          }
        },
        {
          name: "first pass over 100,000",
          measure: async () => {
            large = await first(many, "sync-many")
            return large.sample
          }
        },
        {
          name: "nothing to do, 100,000 links",
          measure: async () => {
            if (large === undefined) throw new Error("the first pass comes first")
            // What the first pass itself changed is seen once more by the second.
            await large.pass(false)
            const passes: Array<PassResult> = []
            for (let index = 0; index < 5; index++) passes.push(await large.pass(false))
            await large.end()
            const middle = passes.sort((a, b) => a.cpuMs - b.cpuMs)[2] as PassResult
            return { seconds: middle.seconds, requests: middle.requests, cpuMs: middle.cpuMs }
          }
        }
      ]
    }
  }
}
