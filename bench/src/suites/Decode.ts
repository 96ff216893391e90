/** Goal 5: what validation costs beside JSON itself. */
import type { Sample, Suite } from "../Suite.ts"

const names = ["JSON.parse", "core, decode", "zod, decode", "JSON.stringify", "core, encode"]

export const decode: Suite = {
  name: "decode",
  title: "A page of 100 reservations from text and to text",
  rounds: 7,
  warmUp: true,
  metrics: ["perSecond", "cpuMicros"],
  goals: [
    {
      number: 5,
      what: "decoding by core's schemas against JSON.parse",
      of: "core, decode",
      to: "JSON.parse",
      metric: "perSecond",
      byCpu: true,
      atLeast: 0.85
    },
    {
      number: 5,
      what: "encoding by core's schemas against JSON.stringify",
      of: "core, encode",
      to: "JSON.stringify",
      metric: "perSecond",
      byCpu: true,
      atLeast: 0.8
    }
  ],
  prepare: async (run) => {
    const worker = await run.processes.worker("Decode", 0)
    return {
      contenders: names.map((name) => ({
        name,
        measure: () => worker.call<Sample>("measure", { name, durationMs: run.quick ? 50 : 300 })
      }))
    }
  }
}
