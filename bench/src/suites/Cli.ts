/** Goal 13: how long the command lines take, each as its own process. */
import { spawnSync } from "node:child_process"
import { bundled, compileCache } from "../Bundles.ts"
import { copyOf, engineData } from "../Data.ts"
import type { Contender, Suite } from "../Suite.ts"

const timed = (name: string, args: ReadonlyArray<string>, env: NodeJS.ProcessEnv = {}): Contender => ({
  name,
  measure: async () => {
    const startedMs = performance.now()
    const { error, status, stderr } = spawnSync(process.execPath, args, {
      encoding: "utf8",
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env }
    })
    const ms = performance.now() - startedMs
    if (error !== undefined) throw error
    if (status !== 0) throw new Error(`${name}: exit code ${status}: ${stderr}`)
    return { ms }
  }
})

const added = (what: string, of: string, atMost: number) => ({
  number: 13,
  what,
  of,
  to: "node -e 0",
  metric: "ms",
  isDifference: true as const,
  atMost,
  unit: "ms"
})

export const commandLine: Suite = {
  name: "cli",
  title: "Command line, from the start of the process to its end",
  rounds: 15,
  warmUp: true,
  metrics: ["ms"],
  goals: [
    added("`bookio --version` beyond an empty Node", "bookio --version", 10),
    added("`bookio --help` beyond an empty Node", "bookio --help", 10),
    added("a command on a database of this machine beyond an empty Node", "bookio facilities list", 50)
  ],
  prepare: async (run) => {
    const cli = bundled("cli")
    const env = compileCache(run.cache)
    const data = await engineData(run.cache, 1_000)
    const database = { ...env, BOOKIO_DATABASE: `sqlite:${copyOf(run.cache, data.file, "cli.db")}` }
    return {
      contenders: [
        timed("node -e 0", ["-e", "0"]),
        timed("bookio --version", [cli, "--version"], env),
        timed("bookio --help", [cli, "--help"], env),
        timed("bookio facilities list", [cli, "facilities", "list", "--channel", "cgm"], database)
      ]
    }
  }
}
