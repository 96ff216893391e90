/**
 * One run of the simulator (sync.md, "How it is tested"): people, faults and crashes in virtual time, then quiet, then the
 * invariants. A seed is a run, to the last byte of its trace.
 */

import { createHash } from "node:crypto"
import { FacilityKey, type Journal } from "@bookio-kit/core/sync/Journal"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import * as Admin from "../Admin.ts"
import type { Bookio } from "../Bookio.ts"
import { makeFacilitySync } from "../Pass.ts"
import type { FacilityPlan } from "../Plan.ts"
import { makeWorker } from "../Worker.ts"
import * as BookioWire from "./BookioWire.ts"
import { bookioOf, practiceOf } from "./Clients.ts"
import { check, type Listed } from "./Invariants.ts"
import type { Violation } from "./Ledger.ts"
import * as MemoryJournal from "./MemoryJournal.ts"
import * as Network from "./Network.ts"
import * as People from "./People.ts"
import * as Prng from "./Prng.ts"
import { draw, facilityId, holdPerson, type Settings, timeZone } from "./Settings.ts"
import * as VirtualTime from "./VirtualTime.ts"
import * as World from "./World.ts"

/** A bug that is planted for a test: what a process of the worker gets in place of the real thing. */
export interface Plant {
  readonly bookio?: (bookio: Bookio, world: World.World) => Bookio
  readonly practice?: (
    practice: FacilityPlan["calendars"][number]["practice"],
    world: World.World
  ) => FacilityPlan["calendars"][number]["practice"]
  readonly journal?: (journal: Journal["Service"], world: World.World) => Journal["Service"]
  readonly settings?: (settings: Settings) => Settings
  readonly onBackup?: () => void
  readonly onRestore?: () => void
}

export interface Run {
  readonly seed: number
  readonly violations: ReadonlyArray<Violation>
  /** SHA-256 of the trace. */
  readonly hash: string
  readonly trace: ReadonlyArray<string>
  readonly passes: number
  readonly requests: number
  readonly settings: Settings
}

const key = FacilityKey.make("facility")
const minuteMs = 60_000
const hourMs = 60 * minuteMs

export interface RunOptions {
  /** Else only its hash is kept. */
  readonly keepTrace?: boolean
  readonly plant?: Plant
  /** Whether some seeds put the journal back to an earlier state. */
  readonly restores?: boolean
}

/** Runs a seed. */
export const run = (seed: number, options: RunOptions = {}): Run => {
  const { keepTrace = false, plant = {}, restores = false } = options
  const chance = Prng.make(seed)
  const settled = draw(chance.fork())
  const drawn = { ...settled, restoresJournal: restores && settled.restoresJournal }
  const settings = plant.settings?.(drawn) ?? drawn
  const time = VirtualTime.make(settings.startMs)
  const hash = createHash("sha256")
  const lines: Array<string> = []
  const trace = (line: string) => {
    const text = `${new Date(time.nowMs()).toISOString().slice(5, 23)} ${line}`
    hash.update(text)
    if (keepTrace) lines.push(text)
  }
  const secret = new Uint8Array(32).fill(seed % 251)
  const memory = MemoryJournal.make({ secret })
  let requests = 0
  let passes = 0
  const processes: Array<{ readonly process: Network.Process; stop: () => void }> = []

  const planOf = (sides: {
    readonly bookio: Bookio
    readonly practice: (name: string) => FacilityPlan["calendars"][number]["practice"]
  }): FacilityPlan => ({
    key,
    name: "Clinic",
    facilityId: facilityId as FacilityPlan["facilityId"],
    identity: "simulated",
    channel: "practice",
    bookio: sides.bookio,
    calendars: settings.bound.map(({ holdService, name, serves }) => ({
      name,
      practice: sides.practice(name),
      serves: serves as FacilityPlan["calendars"][number]["serves"],
      busy: holdService === undefined ? "off" : "hold",
      ...(holdService === undefined ? {} : { hold: { serviceId: holdService as never, person: holdPerson } }),
      services: []
    })),
    prefer: settings.prefer,
    onDelete: settings.onDelete,
    onRefusal: settings.onRefusal,
    details: settings.details,
    notes: settings.notes,
    tentative: settings.tentative,
    language: "en",
    pastDays: 30,
    deletionBudget: { count: 5, percent: 10 },
    concurrency: settings.concurrency,
    leaseMs: 60_000,
    requestTimeoutMs: settings.timeoutMs
  })

  const nothing = planOf({ bookio: {} as Bookio, practice: () => ({}) as never })
  const world = World.make(settings, time, nothing, secret, trace)
  const { ledger, practices, server } = world
  const wireOptions = {
    facilityId,
    timeZone,
    offsets: settings.offsets,
    order: settings.order,
    pageRows: settings.pageRows
  }
  const wire = BookioWire.make(server, wireOptions)
  const network = Network.make({
    time,
    chance: chance.fork(),
    timeoutMs: settings.timeoutMs,
    trace,
    onCrash: (process) => {
      process.isDead = true
      trace(`${process.name} dies`)
      time.after(restartMs(), () => {
        if (!isOver) start()
      })
    },
    onRequest: (process, { name, server }) => {
      requests++
      if (time.nowMs() < (process.notBefore.get(server) ?? 0)) {
        ledger.fail("polite", `${server} ${name} was sent before the time that the server named`)
      }
      if (process.inFlight >= settings.concurrency + 1)
        ledger.fail("polite", `${process.inFlight + 1} requests in flight`)
    }
  })

  let isOver = false
  let skewMs = chance.int(-60, 60) * 1_000
  const restartChance = chance.fork()
  const restartMs = () => restartChance.int(1, 600) * 1_000
  const journalClock = time.clock(() => 0)

  const journalOf = (process: Network.Process): Journal["Service"] => {
    const real = plant.journal?.(memory.journal, world) ?? memory.journal
    const stepped = Object.fromEntries(
      Object.entries(real).map(([name, member]) => [
        name,
        typeof member === "function"
          ? (...given: ReadonlyArray<never>) => {
              const made = (member as (...args: ReadonlyArray<never>) => Effect.Effect<unknown, unknown>)(...given)
              return network.step(process, Effect.provideService(made, Clock.Clock, journalClock))
            }
          : member
      ])
    )
    return stepped as unknown as Journal["Service"]
  }

  const sidesOf = (process: Network.Process) => {
    const bookio = bookioOf(
      server,
      wire,
      { ...wireOptions, hasFeed: settings.hasFeed },
      settings.facility,
      network,
      process,
      ledger.listed
    )
    return {
      bookio: plant.bookio?.(bookio, world) ?? bookio,
      practice: (name: string) => {
        const practice = practiceOf(practices.get(name)!, network, process, chance.fork(), ledger.told)
        return plant.practice?.(practice, world) ?? practice
      }
    }
  }

  const logger = Logger.make(({ cause, message }) => {
    trace(`log ${String(message)} ${Cause.pretty(cause)}`)
    ledger.fail("defect", `${String(message)} ${Cause.pretty(cause)}`)
  })
  const provided = <A, E>(effect: Effect.Effect<A, E>, clock: Clock.Clock, random: Prng.Prng) =>
    effect.pipe(
      Effect.provideService(Clock.Clock, clock),
      Effect.provideService(Random.Random, random.random),
      Effect.provideService(Logger.CurrentLoggers, new Set([logger]))
    )

  let born = 0
  const newProcess = (): Network.Process => {
    born++
    return { name: `w${born}`, isDead: false, notBefore: new Map(), inFlight: 0 }
  }

  const start = () => {
    const process = newProcess()
    trace(`${process.name} starts`)
    const plan = planOf(sidesOf(process))
    const worker = Effect.flatMap(
      makeWorker([{ plan, intervalMs: settings.intervalMs, wake: Stream.never }], journalOf(process), {
        concurrency: 1,
        owner: process.name,
        onPass: ({ outcome }) =>
          Effect.sync(() => {
            passes++
            trace(`${process.name} pass: ${outcome}`)
            checkHalt(outcome)
          })
      }),
      (made) => made.run
    )
    const fiber = Effect.runFork(
      provided(
        worker,
        time.clock(
          () => skewMs,
          () => process.isDead
        ),
        chance.fork()
      ),
      { scheduler: time.scheduler }
    )
    processes.push({ process, stop: () => Effect.runFork(Fiber.interrupt(fiber), { scheduler: time.scheduler }) })
  }

  let wasRestored = false
  const checkHalt = (outcome: string) => {
    const isExpected = wasRestored && (outcome.startsWith("foreign-journal") || outcome.startsWith("restored-server"))
    if (/^(foreign-journal|restored-server)/.test(outcome) && !isExpected) ledger.fail("stops", outcome)
  }

  /** Runs something of ours, outside the faulty network. */
  const now = <A, E>(effect: Effect.Effect<A, E>): Exit.Exit<A, E> =>
    time.run(() =>
      Effect.runFork(
        provided(
          effect,
          time.clock(() => 0),
          adminChance
        ),
        { scheduler: time.scheduler }
      )
    )
  const adminChance = chance.fork()
  const admin = (isLast: boolean) => {
    const { journal } = memory
    const decide = Effect.gen(function* () {
      const halt = yield* Effect.provideService(Admin.resume(journal, key, "admin"), Clock.Clock, journalClock)
      if (halt !== undefined) trace(`admin resumes ${halt.reason}`)
      const parked = yield* Admin.parked(journal, key)
      if (isLast || adminChance.chance(0.2)) yield* Admin.retry(journal, key, "admin", parked)
      const open = (yield* journal.conflicts(key, "open")).filter(({ resolution }) => resolution === undefined)
      const one = open.length > 0 && !isLast && adminChance.chance(0.5) ? adminChance.pick(open) : undefined
      if (one !== undefined) {
        trace(`admin resolves ${one.field}`)
        yield* Admin.resolve(journal, key, "admin", one, adminChance.pick(["bookio", "practice"]))
      }
    })
    return Effect.runFork(provided(Effect.ignore(decide), journalClock, adminChance), { scheduler: time.scheduler })
  }

  // People and what befalls them all.
  const people = People.make(world, chance.fork())
  const whenChance = chance.fork()
  for (let at = 0; at < settings.edits; at++) {
    time.after(whenChance.int(0, settings.lengthMs), people.act)
  }
  for (let atMs = 20 * minuteMs; atMs < settings.lengthMs; atMs += 40 * minuteMs) time.after(atMs, () => admin(false))
  for (const { name, rewrites } of settings.bound) {
    if (whenChance.chance(0.3))
      time.after(whenChance.int(0, settings.lengthMs), () => practices.get(name)?.loseTokens())
    if (!rewrites) continue
    for (let index = 0; index < 5; index++) {
      time.after(whenChance.int(0, settings.lengthMs), () => {
        const hrefs = [...(practices.get(name)?.rows.keys() ?? [])]
        if (hrefs.length > 0) practices.get(name)?.touch(whenChance.pick(hrefs))
      })
    }
  }
  if (settings.stepsClock) {
    time.after(whenChance.int(0, settings.lengthMs), () => {
      skewMs += whenChance.pick([-3_600_000, -30_000, 30_000, 3_600_000])
      trace(`our clock steps to ${skewMs}`)
    })
  }
  if (settings.restoresJournal) {
    const takenMs = whenChance.int(0, settings.lengthMs / 2)
    let backup: MemoryJournal.Snapshot | undefined
    time.after(takenMs, () => {
      backup = memory.snapshot()
      plant.onBackup?.()
    })
    time.after(takenMs + whenChance.int(minuteMs, settings.lengthMs / 2), () => {
      if (backup === undefined) return
      for (const { process } of processes) process.isDead = true
      trace("the journal is restored")
      wasRestored = true
      memory.restore(backup)
      ledger.forget()
      plant.onRestore?.()
      time.after(restartMs(), start)
    })
  }

  // No practice's calendar is empty, and an empty listing proves nothing.
  for (const practice of practices.values()) {
    const term = { startMs: settings.startMs - 2 * hourMs, endMs: settings.startMs - hourMs }
    const content = {
      term,
      status: "confirmed",
      isTransparent: true,
      isPrivate: false,
      participation: "organizer",
      text: "",
      didNotCome: false,
      attendees: []
    } as const
    practice.create("anchor", content, "people")
  }

  // Rough.
  network.weather = settings.weather
  for (let index = 0; index < settings.workers; index++) time.after(index * 7_000, start)
  time.passTo(settings.startMs + settings.lengthMs)

  // Quiet: no more edits, no faults; what is on its way arrives.
  isOver = true
  trace("quiet")
  network.weather = Network.calm
  for (const { stop } of processes) stop()
  time.passTo(time.nowMs() + 3 * minuteMs)
  for (const { process } of processes) process.isDead = true
  time.passTo(time.nowMs() + 2 * hourMs)

  const process = newProcess()
  const quiet: Array<string> = []
  const sync = Effect.runSync(
    provided(
      makeFacilitySync(
        planOf(sidesOf(process)),
        watchedJournal(journalOf(process), (what) => quiet.push(what)),
        "quiet"
      ),
      time.clock(() => skewMs),
      chance.fork()
    )
  )
  const passChance = chance.fork()
  const pass = (full = false) => {
    passes++
    const exit = time.run(() =>
      Effect.runFork(
        provided(
          sync.pass({ full }),
          time.clock(() => skewMs),
          passChance
        ),
        { scheduler: time.scheduler }
      )
    )
    const outcome = Exit.isSuccess(exit)
      ? `done ${JSON.stringify([...exit.value.counts])}`
      : Cause.pretty(exit.cause).split("\n")[0]
    trace(`quiet pass: ${outcome}`)
    const error = Exit.isFailure(exit) ? Cause.findErrorOption(exit.cause) : undefined
    const isHalted = error?._tag === "Some" && error.value._tag === "Halted"
    if (isHalted) checkHalt(error.value.message)
    else if (Exit.isFailure(exit)) ledger.fail("defect", Cause.pretty(exit.cause))
    time.passTo(time.nowMs() + minuteMs)
    return { isHalted, requests: Exit.isSuccess(exit) ? (exit.value.counts.get("writes") ?? 0) : 0 }
  }
  const listed = (): Listed => ({
    items: Effect.runSync(memory.journal.items(key, 100_000)),
    conflicts: Effect.runSync(memory.journal.conflicts(key))
  })
  const settle = (most: number) => {
    let answers = 0
    for (let index = 0; index < most; index++) {
      if (!pass().isHalted) continue
      // A halt is answered, and the pass counts anew.
      now(Effect.asVoid(Fiber.join(admin(true))))
      if (++answers < 5) index = -1
    }
  }
  now(Effect.asVoid(Fiber.join(admin(true))))
  settle(2)
  let found = check(world, listed())
  if (found.length > 0) {
    // What only a full listing shows takes longer.
    settle(10)
    found = check(world, listed())
  }
  // What the last of them wrote comes back once more, and then there is nothing left to do.
  for (let most = 3; most > 0 && found.length === 0; most--) {
    quiet.length = 0
    const { requests: writes } = pass()
    if (writes === 0 && quiet.length === 0) break
    const detail = `a pass without changes sent ${writes} writes and stored ${[...new Set(quiet)].join(", ")}`
    if (most === 1) found = [{ invariant: "quiet", detail }]
  }
  if (keepTrace) {
    const { conflicts, items } = listed()
    for (const item of items) {
      lines.push(`item ${JSON.stringify(item)}`)
      for (const one of Effect.runSync(memory.journal.trail(key, item.id))) {
        lines.push(`  ${new Date(one.atMs).toISOString().slice(5, 23)} ${one.step}: ${one.detail}`)
      }
    }
    for (const conflict of conflicts) lines.push(`conflict ${JSON.stringify(conflict)}`)
  }
  return {
    seed,
    violations: [...ledger.violations, ...found],
    hash: hash.digest("hex"),
    trace: lines,
    passes,
    requests,
    settings
  }
}

/** A journal that tells what changes of items are stored. */
const watchedJournal = (journal: Journal["Service"], tell: (what: string) => void): Journal["Service"] => ({
  ...journal,
  commit: (lease, changes) => {
    for (const { _tag } of changes) if (_tag !== "Pass" && _tag !== "Progress" && _tag !== "Seen") tell(_tag)
    return journal.commit(lease, changes)
  }
})
