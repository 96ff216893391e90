/** Goals 6 and 7: bookings by the engine alone. */
import { copyOf, engineData, peerData } from "../Data.ts"
import type { Sample, Suite } from "../Suite.ts"
import type { Batch, OpenFiles } from "../workers/Engine.ts"

export const engine: Suite = {
  name: "engine",
  title: "Bookings without HTTP, durable (synchronous = FULL), 1,000,000 rows",
  rounds: 5,
  warmUp: true,
  metrics: ["perSecond", "cpuMicros"],
  goals: [
    {
      number: 6,
      what: "engine, 64 fibers, against node:sqlite with 50 bookings a commit",
      of: "engine, 64 fibers",
      to: "node:sqlite, 50 a commit",
      metric: "perSecond",
      atLeast: 0.85
    }
  ],
  prepare: async (run) => {
    const data = await engineData(run.cache, run.quick ? 1_000 : 1_000_000)
    const worker = await run.processes.worker("Engine", 0)
    const files: OpenFiles = {
      engineFile: copyOf(run.cache, data.file, "engine.db"),
      peerFile: copyOf(run.cache, peerData(data), "engine-peer.db"),
      services: data.bookings
    }
    await worker.call("open", files)
    run.processes.atEnd(() => worker.call("close"))
    const next = { engine: 0, sqlite: 0 }
    const contender = (name: string, task: "engine" | "sqlite", together: number, count: number) => ({
      name,
      measure: () => {
        const batch: Batch = { first: next[task], count: run.quick ? 64 : count, together }
        next[task] += batch.count
        return worker.call<Sample>(task, batch)
      }
    })
    return {
      contenders: [
        contender("engine, 64 fibers", "engine", 64, 3_200),
        contender("node:sqlite, 50 a commit", "sqlite", 50, 10_000),
        contender("engine, one by one", "engine", 1, 800),
        contender("node:sqlite, a commit each", "sqlite", 1, 2_500)
      ],
      skipped: ["goal 7, the engine on PostgreSQL: there is no such engine yet"]
    }
  }
}
