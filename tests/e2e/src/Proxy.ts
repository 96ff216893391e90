/**
 * Starts `bookio-proxy` as its own process, as its users do: a free port, a folder of its own that is removed at the end,
 * and no setting but those given. Runs on the Node that runs the tests.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { nodeEnv } from "./Node.ts"

const main = fileURLToPath(new URL("../../../apps/http-proxy/src/main.ts", import.meta.url))
const startLimitMs = 20_000

/** How a process ended. */
export interface Ended {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
}

export interface ProxyOptions {
  /** Settings; only these and the defaults of a test reach the process. */
  readonly env?: { readonly [name: string]: string }
  /** A seed, written to a file that `BOOKIO_SEED` names. */
  readonly seed?: unknown
}

export interface ProxyProcess {
  /** `http://HOST:PORT`, as the ready line tells it. */
  readonly url: string
  readonly pid: number
  /** Its folder and working directory, which ends with it; the default database is `data/bookio.db` in it. */
  readonly folder: string
  /** All that was written so far. */
  readonly stdout: () => string
  readonly stderr: () => string
  /** How it ends, whoever ends it. */
  readonly ended: Promise<Ended>
  /** Ends it by a signal, SIGTERM unless told, and removes its folder. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<Ended>
  /** Ends it by SIGKILL, and removes its folder. */
  readonly kill: () => Promise<Ended>
}

/** The process ended, or stayed silent, before it was ready. */
export class NotStarted extends Error {
  readonly ended: Ended
  readonly stdout: string
  readonly stderr: string
  constructor(ended: Ended, stdout: string, stderr: string) {
    super(`bookio-proxy did not start (code ${ended.code}, signal ${ended.signal}): ${stderr}${stdout}`)
    this.ended = ended
    this.stdout = stdout
    this.stderr = stderr
  }
}

// What a failed test leaves running ends with the tests.
const running = new Set<ChildProcess>()
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL")
})

/** Starts the app and waits for its line "listening on". @throws `NotStarted` */
export const startProxy = async ({ env = {}, seed }: ProxyOptions = {}): Promise<ProxyProcess> => {
  const folder = mkdtempSync(join(tmpdir(), "bookio-e2e-"))
  const seedFile = join(folder, "seed.json")
  if (seed !== undefined) writeFileSync(seedFile, JSON.stringify(seed))
  const child = spawn(process.execPath, [main], {
    cwd: folder,
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...nodeEnv,
      BOOKIO_PROXY_PORT: "0",
      ...(seed === undefined ? {} : { BOOKIO_SEED: seedFile }),
      ...env
    }
  })
  running.add(child)
  let stdout = ""
  let stderr = ""
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text
  })
  // `close` and not `exit`: by then all output has been read.
  const ended = new Promise<Ended>((resolve) => {
    child.once("close", (code, signal) => {
      running.delete(child)
      rmSync(folder, { recursive: true, force: true })
      resolve({ code, signal })
    })
  })
  const ready = new Promise<string | undefined>((resolve) => {
    const limit = setTimeout(() => resolve(undefined), startLimitMs)
    const settle = (found: string | undefined) => {
      clearTimeout(limit)
      resolve(found)
    }
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text
      const url = /^listening on (http:\/\/\S+)$/m.exec(stdout)?.[1]
      if (url !== undefined) settle(url)
    })
    void ended.then(() => settle(undefined))
  })
  const end = (signal: NodeJS.Signals) => {
    child.kill(signal)
    return ended
  }
  const url = await ready
  if (url === undefined) throw new NotStarted(await end("SIGKILL"), stdout, stderr)
  return {
    url,
    pid: child.pid as number,
    folder,
    stdout: () => stdout,
    stderr: () => stderr,
    ended,
    stop: (signal = "SIGTERM") => end(signal),
    kill: () => end("SIGKILL")
  }
}
