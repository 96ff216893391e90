/** Goal 8: free slots of a month. */
import type { Sample, Suite } from "../Suite.ts"

export const slots: Suite = {
  name: "slots",
  title: "Free slots of one service over 31 days, 2,000 reservations, 200 blocked times",
  rounds: 7,
  warmUp: true,
  metrics: ["ms"],
  goals: [
    { number: 8, what: "free slots in the pure function", of: "core, freeSlots", metric: "ms", atMost: 1, unit: "ms" },
    {
      number: 8,
      what: "the time of a check of each point against all rows, in times of core's",
      of: "each point against all rows",
      to: "core, freeSlots",
      metric: "ms",
      atLeast: 50
    }
  ],
  prepare: async (run) => {
    const worker = await run.processes.worker("Slots", 0)
    return {
      contenders: ["core, freeSlots", "each point against all rows"].map((name) => ({
        name,
        measure: () => worker.call<Sample>("measure", { name, durationMs: run.quick ? 20 : 300 })
      }))
    }
  }
}
