/** Goal 2: a small answer. */
import { copyOf, engineData } from "../Data.ts"
import { authorization, basePath, keepAnswer, loaded, serverFile, startProxy } from "../Http.ts"
import type { Suite } from "../Suite.ts"

export const get: Suite = {
  name: "get",
  title: "`GET /facilities/cgm`, 16 connections",
  rounds: 5,
  warmUp: true,
  metrics: ["perSecond", "cpuMicros", "p50Ms", "p99Ms"],
  goals: [
    {
      number: 2,
      what: "small GET against node:http with fixed bytes",
      of: "bookio-proxy",
      to: "node:http, fixed bytes",
      metric: "perSecond",
      byCpu: true,
      atLeast: 0.65
    },
    {
      number: 2,
      what: "small GET against fastify",
      of: "bookio-proxy",
      to: "fastify",
      metric: "perSecond",
      byCpu: true,
      atLeast: 0.9
    }
  ],
  prepare: async (run) => {
    const data = await engineData(run.cache, 1_000, 1)
    const kit = await startProxy(run, { BOOKIO_DATABASE: `sqlite:${copyOf(run.cache, data.file, "get.db")}` })
    const path = `${basePath}/facilities/cgm`
    const answer = await keepAnswer(run, kit.url + path, "facilities.json")
    const fast = await run.processes.server(serverFile("FastifyGet"), { core: 0, args: [answer.file] })
    const fixed = await run.processes.server(serverFile("NodeFixed"), { core: 0, args: [answer.file] })
    const load = await run.processes.worker("Load", 1)
    const asked = {
      connections: 16,
      durationMs: run.quick ? 200 : 1_200,
      headers: authorization,
      path,
      leastBytes: answer.bytes - 2
    }
    return {
      contenders: [
        { name: "bookio-proxy", measure: () => loaded(load, kit, asked) },
        { name: "fastify", measure: () => loaded(load, fast, asked) },
        { name: "node:http, fixed bytes", measure: () => loaded(load, fixed, asked) }
      ]
    }
  }
}
