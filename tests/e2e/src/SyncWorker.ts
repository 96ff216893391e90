/**
 * Runs `bookio-sync` as its own processes, as its users do: `run` for as long as a test wants it, other commands to their
 * end. Only what is given reaches them. Also the waiting of these tests: a condition that is asked again and again, with a
 * limit, and never a sleep that hopes.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { nodeEnv } from "./Node.ts"
import type { Ended } from "./Proxy.ts"

const main = fileURLToPath(new URL("../../../apps/sync-worker/src/main.ts", import.meta.url))
const startLimitMs = 30_000

/** Where a worker's settings are, and the secrets that they name. */
export interface Settings {
  readonly file: string
  readonly env: { readonly [name: string]: string }
}

/** Writes a settings file into a folder. */
export const writeSettings = (folder: string, config: unknown, env: Settings["env"]): Settings => {
  const file = join(folder, "bookio-sync.json")
  writeFileSync(file, JSON.stringify(config, undefined, 2))
  return { file, env }
}

/** What `/readyz` says of a facility. */
export interface FacilityReport {
  readonly facility: string
  readonly health: "green" | "yellow" | "red"
  readonly outcome: string
  readonly openConflicts: number
  readonly parked: number
}

export interface WorkerProcess {
  readonly url: string
  readonly pid: number
  readonly stdout: () => string
  readonly stderr: () => string
  readonly ended: Promise<Ended>
  /** `/readyz`: its status and what it says of one facility. */
  readonly health: (facility: string) => Promise<FacilityReport & { readonly status: number }>
  /** Passes of a facility that ended so, by `/metrics`. */
  readonly passes: (facility: string, outcome?: "done" | "failed") => Promise<number>
  readonly stop: () => Promise<Ended>
  readonly kill: () => Promise<Ended>
}

/** How a command ended, with all that it wrote. */
export interface Finished {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

// What a failed test leaves running ends with the tests.
const running = new Set<ChildProcess>()
process.once("exit", () => endWorkers())

/** Ends what failed tests left running, by SIGKILL. */
export const endWorkers = (): void => {
  for (const child of running) child.kill("SIGKILL")
}

const launch = (args: ReadonlyArray<string>, { env, file }: Settings) => {
  const child = spawn(process.execPath, [main, ...args, "--config", file], {
    cwd: dirname(file),
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...nodeEnv, NO_COLOR: "1", ...env }
  })
  running.add(child)
  let stdout = ""
  let stderr = ""
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text
  })
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text
  })
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code, signal) => {
      running.delete(child)
      resolve({ code, signal })
    })
  })
  return { child, ended, stdout: () => stdout, stderr: () => stderr }
}

/** Runs a command to its end. */
export const runSync = async (settings: Settings, ...args: ReadonlyArray<string>): Promise<Finished> => {
  const { ended, stderr, stdout } = launch(args, settings)
  const { code } = await ended
  return { code, stdout: stdout(), stderr: stderr() }
}

/** One pass over each facility; throws where it is not done. Gives what it counted, by facility. */
export const runOnce = async (
  settings: Settings,
  ...args: ReadonlyArray<string>
): Promise<ReadonlyArray<{ readonly facility: string; readonly counts: { readonly [name: string]: number } }>> => {
  const { code, stderr, stdout } = await runSync(settings, "once", "--json", ...args)
  if (code !== 0) throw new Error(`once ended with ${code}: ${stdout}${stderr}`)
  return JSON.parse(stdout)
}

/** Starts `run` and waits until it listens: the settings must say `listen`. @throws with its log, if it does not. */
export const startWorker = async (settings: Settings): Promise<WorkerProcess> => {
  const { child, ended, stderr, stdout } = launch(["run"], settings)
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal)
    return ended
  }
  let hasEnded = false
  void ended.then(() => {
    hasEnded = true
  })
  const found = () => /^listening on (http:\/\/\S+)$/m.exec(stdout())?.[1]
  await until(() => hasEnded || found() !== undefined, "the worker listens", startLimitMs)
  const url = found()
  if (url === undefined) throw new Error(`bookio-sync run did not start: ${stderr()}${stdout()}`)
  return {
    url,
    pid: child.pid as number,
    stdout,
    stderr,
    ended,
    health: async (facility) => {
      const response = await fetch(`${url}/readyz`)
      const { facilities } = (await response.json()) as { readonly facilities: ReadonlyArray<FacilityReport> }
      const report = facilities.find((one) => one.facility === facility)
      if (report === undefined) throw new Error(`/readyz does not name ${facility}`)
      return { ...report, status: response.status }
    },
    passes: async (facility, outcome = "done") => {
      const text = await (await fetch(`${url}/metrics`)).text()
      const line = text
        .split("\n")
        .find(
          (one) =>
            one.startsWith("bookio_sync_passes_total{") &&
            one.includes(`facility="${facility}"`) &&
            one.includes(`outcome="${outcome}"`)
        )
      return line === undefined ? 0 : Number(line.slice(line.lastIndexOf(" ") + 1))
    },
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL")
  }
}

// Dozens of conditions are waited for at the same time.
const pollMs = 150

/** Waits until a condition holds. @throws after `limitMs`, with what was waited for and what the last question said. */
export const until = async (
  condition: () => unknown,
  what: string | (() => string | Promise<string>),
  limitMs = 45_000
): Promise<void> => {
  const endMs = Date.now() + limitMs
  let last: unknown
  for (;;) {
    try {
      if (await condition()) return
      last = undefined
    } catch (error) {
      last = error
    }
    if (Date.now() > endMs) {
      const waited = typeof what === "string" ? what : await what()
      throw new Error(`waited ${limitMs} ms in vain until ${waited}`, { cause: last })
    }
    await new Promise((resolve) => setTimeout(resolve, pollMs))
  }
}
