/**
 * The processes of a suite: servers on one core and the load on another where the system can tell them to (Linux's
 * `taskset`), their CPU time and memory as the system counts them, and workers that are called by messages.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { mkdtempSync, openSync, readFileSync, rmSync } from "node:fs"
import { availableParallelism, tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

/** Which core a process runs on: servers and what is measured alone on the first, load and upstreams on the second. */
export type Core = 0 | 1

/** A server that tells where it listens. */
export interface Server {
  readonly url: string
  readonly pid: number
  readonly stop: () => Promise<void>
  /** Milliseconds from the start of the process to its line "listening on". */
  readonly readyMs: number
}

/** A process that does tasks, one after another. */
export interface Worker {
  readonly pid: number
  readonly call: <A>(task: string, input?: unknown) => Promise<A>
  readonly stop: () => Promise<void>
}

export interface ServerOptions {
  readonly core: Core
  readonly env?: { readonly [name: string]: string }
  readonly args?: ReadonlyArray<string>
  /** What runs it, Node unless told. */
  readonly command?: string
  /** The line that tells its URL. */
  readonly ready?: RegExp
}

export interface Processes {
  /** A folder of this run, removed at its end. */
  readonly folder: string
  readonly server: (file: string, options: ServerOptions) => Promise<Server>
  readonly worker: (name: string, core: Core) => Promise<Worker>
  /** Something to be done at the end, before the processes are ended. */
  readonly atEnd: (work: () => Promise<void> | void) => void
  readonly close: () => Promise<void>
}

const canPin =
  process.platform === "linux" && availableParallelism() > 1 && spawnSync("taskset", ["-V"]).error === undefined

/** Whether servers and load have a core each. */
export const pinned = canPin

const pinTo = (core: Core, command: string, args: ReadonlyArray<string>): [string, ReadonlyArray<string>] =>
  canPin ? ["taskset", ["-c", String(core), command, ...args]] : [command, args]

// Clock ticks of /proc, 100 a second on every Linux.
const tickMs = 10

const statOf = (pid: number): ReadonlyArray<string> => {
  const stat = readFileSync(`/proc/${pid}/stat`, "utf8")
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")
}

const childrenOf = (pid: number): ReadonlyArray<number> =>
  readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").split(" ").filter(Boolean).map(Number)

/** CPU time of a process and its children so far, in milliseconds; not a number where the system has no /proc. */
export const cpuMs = (pid: number): number => {
  if (process.platform !== "linux") return Number.NaN
  const [user, system] = statOf(pid).slice(11, 13).map(Number)
  return childrenOf(pid).reduce((sum, child) => sum + cpuMs(child), ((user ?? 0) + (system ?? 0)) * tickMs)
}

/** Resident memory of a process, in MiB; not a number where the system has no /proc. */
export const memoryMib = (pid: number): number => {
  if (process.platform !== "linux") return Number.NaN
  const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]
  return Number(kib) / 1024
}

const startLimitMs = 120_000

const endOf = (child: ChildProcess) =>
  new Promise<void>((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null) return resolve()
    child.once("exit", () => resolve())
  })

const stop = async (child: ChildProcess) => {
  const ended = endOf(child)
  child.kill("SIGTERM")
  const late = setTimeout(() => child.kill("SIGKILL"), 5_000)
  await ended
  clearTimeout(late)
}

export const makeProcesses = (): Processes => {
  const folder = mkdtempSync(join(tmpdir(), "bookio-bench-"))
  const running = new Set<ChildProcess>()
  const finalizers: Array<() => Promise<void> | void> = []
  let logs = 0
  // What an interrupted run leaves behind ends with it.
  const killAll = () => {
    for (const child of running) child.kill("SIGKILL")
    rmSync(folder, { recursive: true, force: true })
  }
  process.once("exit", killAll)

  const server = async (file: string, options: ServerOptions): Promise<Server> => {
    const { args = [], command = process.execPath, core, env = {}, ready = /^listening on (http:\/\/\S+)$/m } = options
    // Logs go to a file, as a supervisor would have it.
    const log = join(folder, `log-${logs++}`)
    const [run, given] = pinTo(core, command, [...(file === "" ? [] : [file]), ...args])
    const startedMs = performance.now()
    const child = spawn(run, given, {
      cwd: folder,
      stdio: ["ignore", "pipe", openSync(log, "a")],
      env: { PATH: process.env.PATH, NODE_ENV: "production", TZ: "UTC", ...env }
    })
    running.add(child)
    const url = await new Promise<string>((resolve, reject) => {
      const fail = (why: string) => {
        child.kill("SIGKILL")
        reject(new Error(`${file || command} ${why}: ${readFileSync(log, "utf8").slice(-2000)}`))
      }
      const limit = setTimeout(() => fail("is not ready"), startLimitMs)
      let output = ""
      child.once("error", (error) => fail(error.message))
      child.once("exit", () => {
        running.delete(child)
        clearTimeout(limit)
        fail("ended")
      })
      child.stdout?.setEncoding("utf8").on("data", (text: string) => {
        output += text
        const found = ready.exec(output)?.[1]
        if (found === undefined) return
        clearTimeout(limit)
        resolve(found)
      })
    })
    return {
      url,
      pid: child.pid as number,
      readyMs: performance.now() - startedMs,
      stop: async () => {
        await stop(child)
        rmSync(log, { force: true })
      }
    }
  }

  const worker = async (name: string, core: Core): Promise<Worker> => {
    const file = fileURLToPath(new URL(`workers/${name}.ts`, import.meta.url))
    const [command, args] = pinTo(core, process.execPath, ["--expose-gc", file])
    const child = spawn(command, args, { stdio: ["ignore", "inherit", "inherit", "ipc"], env: process.env })
    running.add(child)
    let fail: ((error: Error) => void) | undefined
    child.once("exit", (code, signal) => {
      running.delete(child)
      fail?.(new Error(`worker ${name} ended: ${code ?? signal}`))
    })
    return {
      pid: child.pid as number,
      call: <A>(task: string, input?: unknown) =>
        new Promise<A>((resolve, reject) => {
          fail = reject
          child.once("message", (answer: { readonly value?: A; readonly error?: string }) =>
            answer.error === undefined
              ? resolve(answer.value as A)
              : reject(new Error(`${name} ${task}: ${answer.error}`))
          )
          child.send({ task, input })
        }),
      stop: () => stop(child)
    }
  }

  return {
    folder,
    server,
    worker,
    atEnd: (work) => finalizers.push(work),
    close: async () => {
      for (const work of finalizers.reverse()) await work()
      await Promise.all([...running].map(stop))
      process.removeListener("exit", killAll)
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
