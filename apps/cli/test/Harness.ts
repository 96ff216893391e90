/**
 * What the tests of commands stand on: the bundled command as it is shipped, and a proxy on a demonstration of fixed days.
 * Numbers of reservations are random and request ids too: they are replaced by names of the same length before anything is
 * compared.
 */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { LocalDate } from "@bookio-kit/core/time/LocalDate"
import { demoSeed } from "@bookio-kit/http-proxy/demo/DemoSeed"
import { inject } from "vitest"

/** The Monday around which the demonstration is; so far away that everything is in the future. */
export const monday = "2040-06-04"

/** How a run ended. */
export interface Ended {
  readonly stdout: string
  readonly stderr: string
  readonly exitCode: number | null
}

/** A run's environment, standard input, and when it is to be killed. */
export interface RunOptions {
  readonly env?: { readonly [name: string]: string | undefined }
  readonly input?: string
  readonly onStart?: (child: ChildProcess) => void
}

const root = new URL("../../..", import.meta.url).pathname

const gather = (child: ChildProcess) => {
  const out = { stdout: "", stderr: "" }
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    out.stdout += text
  })
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    out.stderr += text
  })
  return out
}

const startProxy = async (folder: string, database: string) => {
  const seed = join(folder, "seed.json")
  writeFileSync(seed, JSON.stringify(demoSeed({ seed: 1, today: LocalDate.make(monday) })))
  const child = spawn(process.execPath, [join(root, "apps/http-proxy/src/main.ts")], {
    cwd: folder,
    env: {
      PATH: process.env.PATH,
      BOOKIO_DATABASE: `sqlite:${database}`,
      BOOKIO_SEED: seed,
      BOOKIO_PROXY_PORT: "0",
      BOOKIO_LOG_LEVEL: "off"
    },
    stdio: ["ignore", "pipe", "pipe"]
  })
  const out = gather(child)
  while (!out.stdout.includes("\n")) {
    const [ended] = await Promise.race([
      once(child.stdout, "data").then(() => [false]),
      once(child, "exit").then(() => [true])
    ])
    if (ended === true) throw new Error(`the proxy has not started: ${out.stderr}`)
  }
  const url = /listening on (\S+)/.exec(out.stdout)?.[1]?.replace(/\/+$/, "") ?? ""
  return { child, url }
}

/** A command, a proxy and a folder of a test file's own. */
export interface Harness {
  /** A folder for files, without the profiles of whoever runs the tests. */
  readonly folder: string
  readonly bin: string
  readonly database: string
  readonly env: { readonly [name: string]: string | undefined }
  /** Runs `bookio` with these arguments. */
  readonly bookio: (args: ReadonlyArray<string>, options?: RunOptions) => Promise<Ended>
  /** The number of a reservation of the demonstration. */
  readonly numberOf: (id: number) => string
  /** A text without what differs from run to run. */
  readonly steady: (text: string) => string
  /** A run as a golden file holds it. */
  readonly transcript: (args: ReadonlyArray<string>, ended: Ended) => string
  readonly close: () => Promise<void>
}

/** Starts what a test file needs; `close` it behind the tests. */
export const start = async (): Promise<Harness> => {
  const folder = mkdtempSync(join(tmpdir(), "bookio-cli-"))
  const database = join(folder, "bookio.db")
  const proxy = await startProxy(folder, database)
  const bin = inject("bookio")
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    XDG_CONFIG_HOME: join(folder, "config"),
    XDG_CACHE_HOME: join(tmpdir(), "bookio-cli-cache"),
    BOOKIO_BASE_URL: `${proxy.url}/public/api/v1`,
    BOOKIO_TOKEN: "demo",
    BOOKIO_EXTENSIONS: "true"
  }
  const bookio: Harness["bookio"] = async (args, { env: others = {}, input = "", onStart } = {}) => {
    const child = spawn(process.execPath, [bin, ...args], { cwd: folder, env: { ...env, ...others } })
    const out = gather(child)
    child.stdin.on("error", () => {})
    child.stdin.end(input)
    onStart?.(child)
    const [exitCode] = await once(child, "close")
    return { ...out, exitCode }
  }
  const { stdout } = await bookio(["reservations", "list", "--all", "--json", "id,number"])
  const rows = JSON.parse(stdout) as ReadonlyArray<{ readonly id: number; readonly number: string }>
  const numbers = new Map(rows.map(({ id, number }) => [id, number]))
  const steady = (text: string): string => {
    let steadied = text
      .replaceAll(proxy.url, "http://127.0.0.1:PORT")
      .replaceAll(folder, "FOLDER")
      .replace(/request [0-9a-f]{32}/g, "request ID")
      .replace(/\d+ ms/g, "N ms")
      .replace(/zone data \w+/g, "zone data VERSION")
    for (const [id, number] of numbers) steadied = steadied.replaceAll(number, `r${String(id).padStart(5, "0")}`)
    return (
      steadied
        // When it was made and cancelled; the demonstration's own times are of later years.
        .replace(
          /20[23][0-8]-\d\d-\d\d([T ])\d\d:\d\d(:\d\d)?/g,
          (_, between: string, seconds?: string) => `2030-01-01${between}00:00${seconds === undefined ? "" : ":00"}`
        )
    )
  }
  return {
    folder,
    bin,
    database,
    env,
    bookio,
    steady,
    numberOf: (id) => numbers.get(id) ?? "",
    transcript: (args, { exitCode, stderr, stdout }) =>
      steady(
        [
          `$ bookio ${args.map((arg) => (/^[\w.,:/=@+-]+$/.test(arg) ? arg : `'${arg}'`)).join(" ")}`,
          stdout.trimEnd(),
          ...(stderr === "" ? [] : [`--- stderr\n${stderr.trimEnd()}`]),
          `--- exit ${exitCode}\n`
        ].join("\n")
      ),
    close: async () => {
      if (proxy.child.exitCode === null) {
        proxy.child.kill()
        await once(proxy.child, "exit")
      }
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
