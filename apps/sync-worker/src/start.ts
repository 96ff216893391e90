/**
 * `pnpm start`: the worker beside the demonstration, between its general practice and a folder of .ics files. It writes its
 * settings file where there is none, waits until the server is there, and then runs. Where the server is no demonstration
 * that it could know (another seed or backend, a free port, a database in memory) it ends at once, and well: the server's
 * start must never fail for it.
 */
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { dirname, relative, resolve } from "node:path"
import { demonstrationOf } from "./Demonstration.ts"

const wait = (ms: number) => new Promise((done) => setTimeout(done, ms))

const isReady = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(url, { signal: AbortSignal.timeout(2_000) })).ok
  } catch {
    return false
  }
}

const demonstration = demonstrationOf(process.env)
if (demonstration !== undefined) {
  const { config, database, folder, journal, origin, text } = demonstration
  // Before the server makes it.
  const isOld = existsSync(journal) && !existsSync(database)
  const end = () => process.exit(0)
  process.on("SIGINT", end).on("SIGTERM", end)
  while (!(await isReady(`${origin}/readyz`))) await wait(250)
  process.off("SIGINT", end).off("SIGTERM", end)
  process.env.BOOKIO_SYNC_TOKEN ||= "demo-sync"
  process.env.BOOKIO_SYNC_CONFIG = config
  try {
    if (!existsSync(config)) {
      mkdirSync(dirname(config), { recursive: true, mode: 0o700 })
      const schema = relative(dirname(resolve(config)), resolve("docs/sync.schema.json"))
      writeFileSync(config, `# yaml-language-server: $schema=${schema}\n${text}`, { mode: 0o600, flag: "wx" })
    }
    process.stdout.write(`
  The two-way sync: the general practice (facility 1) and the folder of its calendar.

  folder       ${folder}   (an .ics file that you put there blocks its time; reservations appear there)
  settings     ${config}

`)
    if (isOld) {
      process.stderr.write(
        `${journal} is about a database that is not there any more: to begin anew, stop, delete it and ${dirname(folder)}, and start again\n`
      )
    }
    process.argv.splice(2, Infinity, "run")
    // Whatever it ends with, the server goes on.
    process.on("exit", () => {
      process.exitCode = 0
    })
    await import("./main.ts")
  } catch (error) {
    process.stderr.write(`${config} cannot be written: ${error instanceof Error ? error.message : error}\n`)
  }
}
