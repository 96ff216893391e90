/**
 * Starts Debian's CalDAV server `radicale` for tests: a free port of this machine, a folder of its own that is removed at
 * the end, one user with a password, and one empty calendar. Where it is not installed, tests say so and are skipped.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { createServer } from "node:net"
import { tmpdir } from "node:os"
import { join } from "node:path"

/** Why tests of it are skipped, with what to do; `undefined` where it is installed. */
export const notInstalled: string | undefined =
  spawnSync("radicale", ["--version"], { stdio: "ignore" }).status === 0
    ? undefined
    : "radicale is not installed: apt-get install -y radicale"

export interface Radicale {
  /** Of the server: discovery starts here. */
  readonly url: string
  /** Of the calendar "Ordinácia". */
  readonly calendarUrl: string
  readonly username: string
  readonly password: string
  /** Where it keeps the calendar's objects, one file each. */
  readonly folder: string
  readonly pid: number
  /** Its log so far. */
  readonly log: () => string
  /** Makes another empty calendar of the user. */
  readonly addCalendar: (name: string) => { readonly url: string; readonly folder: string }
  /** Changes the user's password, from the next request on. */
  readonly setPassword: (password: string) => void
  /** Ends it by SIGKILL and keeps its folder; `resume` starts it again, at the same address. */
  readonly halt: () => Promise<void>
  readonly resume: () => Promise<void>
  /** Ends it and removes its folder. */
  readonly stop: () => Promise<void>
}

// What a failed test leaves running ends with the tests.
const running = new Set<ChildProcess>()
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL")
})

const startLimitMs = 20_000

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer()
    server.once("error", reject)
    server.listen(0, "127.0.0.1", () => {
      const address = server.address()
      server.close(() => resolve(typeof address === "object" && address !== null ? address.port : 0))
    })
  })

const username = "doctor"
const password = "tajné heslo"

/** Starts the server and waits until it answers. @throws with its log, if it does not. */
export const startRadicale = async (): Promise<Radicale> => {
  const root = mkdtempSync(join(tmpdir(), "bookio-radicale-"))
  const port = await freePort()
  const url = `http://127.0.0.1:${port}/`
  const addCalendar: Radicale["addCalendar"] = (name) => {
    const folder = join(root, "collections", "collection-root", username, name)
    mkdirSync(folder, { recursive: true })
    const displayName = name === "practice" ? "Ordinácia" : name
    const tag = { tag: "VCALENDAR", "D:displayname": displayName, "C:supported-calendar-component-set": "VEVENT" }
    writeFileSync(join(folder, ".Radicale.props"), JSON.stringify(tag))
    return { url: `${url}${username}/${name}/`, folder }
  }
  const setPassword = (secret: string) => writeFileSync(join(root, "users"), `${username}:${secret}\n`)
  const practice = addCalendar("practice")
  setPassword(password)
  const config = join(root, "config")
  writeFileSync(
    config,
    [
      "[server]",
      `hosts = 127.0.0.1:${port}`,
      "[auth]",
      "type = htpasswd",
      `htpasswd_filename = ${join(root, "users")}`,
      "htpasswd_encryption = plain",
      "delay = 0",
      "[rights]",
      "type = owner_only",
      "[storage]",
      `filesystem_folder = ${join(root, "collections")}`,
      "[web]",
      "type = none",
      "[logging]",
      "level = warning",
      ""
    ].join("\n")
  )
  let log = ""
  const launch = () => {
    const child = spawn("radicale", ["--config", config], { cwd: root, stdio: ["ignore", "pipe", "pipe"] })
    running.add(child)
    for (const output of [child.stdout, child.stderr]) {
      output.setEncoding("utf8").on("data", (text: string) => {
        log += text
      })
    }
    const ended = new Promise<void>((resolve) => {
      child.once("close", () => {
        running.delete(child)
        resolve()
      })
    })
    return { child, ended }
  }
  let current = launch()
  const halt = () => {
    current.child.kill("SIGKILL")
    return current.ended
  }
  const stop = async () => {
    await halt()
    rmSync(root, { recursive: true, force: true })
  }
  const answers = async () => {
    const until = Date.now() + startLimitMs
    for (;;) {
      const isUp = await fetch(url, { redirect: "manual" }).then(
        () => true,
        () => false
      )
      if (isUp) return
      if (current.child.exitCode !== null || Date.now() > until) {
        await stop()
        throw new Error(`radicale did not start: ${log}`)
      }
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  await answers()
  return {
    url,
    calendarUrl: practice.url,
    username,
    password,
    folder: practice.folder,
    pid: current.child.pid as number,
    log: () => log,
    addCalendar,
    setPassword,
    halt,
    resume: () => {
      current = launch()
      return answers()
    },
    stop
  }
}
