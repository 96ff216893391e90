/** What the scenarios of bad weather have in common: a practice that is furnished, and what is asked of its worker. */
import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { assert } from "@effect/vitest"
import { ics, localLine } from "../../../src/Practice.ts"
import { type Settings, startWorker, until, type WorkerProcess } from "../../../src/SyncWorker.ts"
import { at, type Facility, type World } from "../../../src/SyncWorld.ts"

export const hourMs = 3_600_000

export const busy = (uid: string, startMs: number, ...lines: ReadonlyArray<string>) =>
  ics(uid, { DTSTART: localLine(startMs), DTEND: localLine(startMs + hourMs), SUMMARY: "Busy" }).replace(
    "END:VEVENT",
    [...lines, "END:VEVENT"].join("\r\n")
  )

/** Red, with what is the matter; and the log names the facility with it. */
export const red = async (worker: WorkerProcess, facility: Facility, message: RegExp, limitMs = 45_000) => {
  const said = () => worker.health(facility.name)
  await until(
    async () => {
      const { health, outcome, status } = await said()
      return health === "red" && status === 503 && message.test(outcome)
    },
    async () => `${facility.name} is red by ${message}: ${JSON.stringify(await said())}`,
    limitMs
  )
  const lines = worker.stderr().split("\n")
  const told = lines.filter((line) => line.includes(`"${facility.name}: `) && message.test(line))
  assert.lengthOf(told, 1, "told once, by its facility")
}

export const green = (worker: WorkerProcess, { name }: Facility) =>
  until(
    async () => (await worker.health(name)).health === "green",
    async () => `${name} is green: ${JSON.stringify(await worker.health(name))}`
  )

/** Books, and waits until the calendar has it: both ways work. */
export const works = async (facility: Facility, startMs: number) => {
  const id = await facility.book(startMs)
  await until(
    () => facility.practice.events().filter(({ mark }) => mark === `reservation/${facility.id}/${id}`).length === 1,
    `${facility.name} shows reservation ${id}`
  )
  await until(async () => (await facility.row(id)).needsSync === false, `${facility.name} confirms ${id}`)
}

/** Two reservations and two blocked times by the doctor, on both sides. */
export const furnish = async (facility: Facility) => {
  await facility.practice.put("busy-1.ics", busy("busy-1", at(3, "14:00")))
  await facility.practice.put("busy-2.ics", busy("busy-2", at(4, "14:00")))
  await works(facility, at(3, "10:00"))
  await works(facility, at(4, "10:00"))
  await until(async () => (await facility.blockedTimes()).length === 2, `${facility.name} is blocked twice`)
}

/** Nothing of that was taken away, on either side. */
export const untouched = async (facility: Facility, files = 4) => {
  const rows = await facility.reservations()
  assert.deepStrictEqual(
    rows.filter(({ status }) => status !== "CONFIRMED"),
    []
  )
  assert.lengthOf(await facility.blockedTimes(), 2)
  assert.isAtLeast(facility.practice.files().size, files)
}

export interface Scene {
  readonly world: World
  readonly facility: Facility
  /** Of all facilities but those with a worker of their own. */
  readonly worker: WorkerProcess
  readonly settings: Settings
}

export interface Scenario {
  readonly title: string
  readonly facility: string
  readonly play: (scene: Scene) => Promise<void>
}

/** A worker of the facility's own, which ends with the scenario. */
export const withWorker = async (settings: Settings, play: (worker: WorkerProcess) => Promise<void>) => {
  const worker = await startWorker(settings)
  try {
    await play(worker)
  } finally {
    await worker.kill()
  }
}

/** A small disk in a folder's place (a tmpfs), where this user may make one. */
export const mount = (folder: string, size: string): boolean =>
  process.getuid?.() === 0 && spawnSync("mount", ["-t", "tmpfs", "-o", `size=${size}`, "none", folder]).status === 0

/** Fills the disk that a folder is on. */
export const fill = (folder: string): void => {
  for (const size of [4096, 1]) {
    try {
      for (;;) writeFileSync(join(folder, "filler"), "x".repeat(size), { flag: "a" })
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error
    }
  }
}
