/** From a command line to its end: help and usage problems are answered here, without loading Effect. */
import { enableCompileCache } from "node:module"
import { homedir } from "node:os"
import { join } from "node:path"
import { helpOf } from "./Help.ts"
import { parse, UsageProblem } from "./Parse.ts"
import { entries } from "./Registry.ts"

// In the user's own folder, not in the shared one that is Node's choice: what lies in it is run.
const cacheFolder = () => join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "bookio", "compiled")

// A reader such as `head` that has seen enough is no error.
const endQuietlyWhenUnread = () => {
  process.stdout.on("error", (error: NodeJS.ErrnoException) => {
    if (error.code === "EPIPE") process.exit(0)
    throw error
  })
}

/** What `bin.ts` has for answers that load nothing. */
export interface Answers {
  /** Writes to standard output without loading it. */
  readonly say: (text: string) => void
  /** The version of this package. */
  readonly version: () => string
}

/** Runs a command line and ends the process, once all is written, with the exit code of what came of it. */
export const main = async (argv: ReadonlyArray<string>, { say, version }: Answers): Promise<void> => {
  try {
    const parsed = parse(argv, entries)
    if (parsed._tag === "Version") say(`bookio ${version()}\n`)
    else if (parsed._tag === "Help") say(helpOf(parsed.path, entries))
    else {
      endQuietlyWhenUnread()
      enableCompileCache(cacheFolder())
      const [{ runEntry }, run] = await Promise.all([import("./Run.ts"), parsed.entry.load()])
      runEntry(parsed.entry.spec, parsed.globals, run(parsed.given))
    }
  } catch (error) {
    if (!(error instanceof UsageProblem)) throw error
    const name = ["bookio", ...error.path].join(" ")
    const stop = error.message.endsWith("?") ? "" : "."
    process.stderr.write(`${name}: ${error.message}${stop} See \`${name} --help\`.\n`)
    process.exitCode = 2
  }
}
