/**
 * The stage of a run: the world, the network, the journal, and the processes of the worker that come and go on it. Every
 * draw comes from the seed, in one order.
 */
import { FacilityKey, type Journal, type JournalChange } from "@bookio-kit/core/sync/Journal"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Logger from "effect/Logger"
import * as Random from "effect/Random"
import * as Stream from "effect/Stream"
import type { Bookio } from "../Bookio.ts"
import type { FacilityPlan } from "../Plan.ts"
import { makeWorker } from "../Worker.ts"
import * as BookioWire from "./BookioWire.ts"
import { bookioOf, practiceOf } from "./Clients.ts"
import * as MemoryJournal from "./MemoryJournal.ts"
import * as Network from "./Network.ts"
import type * as Prng from "./Prng.ts"
import { facilityId, holdPerson, type Settings, timeZone } from "./Settings.ts"
import type * as VirtualTime from "./VirtualTime.ts"
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

export const key = FacilityKey.make("facility")
export const minuteMs = 60_000
export const hourMs = 60 * minuteMs

type Practice = FacilityPlan["calendars"][number]["practice"]

/** What processes are given to speak to. */
export interface Sides {
  readonly bookio: Bookio
  readonly practice: (name: string) => Practice
}

export interface Stage {
  readonly settings: Settings
  readonly plant: Plant
  readonly time: VirtualTime.VirtualTime
  readonly world: World.World
  readonly network: Network.Network
  readonly memory: MemoryJournal.MemoryJournal
  readonly chance: Prng.Prng
  readonly trace: (line: string) => void
  /** How far our clock is ahead of the true one. */
  skewMs: number
  /** Called while a page after the first is on its way. */
  onPage: () => void
  /** Called while a write is on its way. */
  onWrite: () => void
  /** What mends, once it is quiet, what cannot be read. */
  readonly menders: Array<() => void>
  /** No process that dies is started again. */
  isOver: boolean
  /** Whether the journal was put back, or the server: then to stop and ask is right. */
  wasRestored: boolean
  passes: number
  requests: number
  readonly newProcess: () => Network.Process
  readonly planOf: (sides: Sides) => FacilityPlan
  readonly sidesOf: (process: Network.Process) => Sides
  readonly journalOf: (process: Network.Process) => Journal["Service"]
  /** Our clock, as a process has it. */
  readonly clockOf: (isStopped?: () => boolean) => Clock.Clock
  /** The journal's own clock, which is the true one. */
  readonly journalClock: Clock.Clock
  readonly provided: <A, E>(effect: Effect.Effect<A, E>, clock: Clock.Clock, random: Prng.Prng) => Effect.Effect<A, E>
  /** Starts a process of the worker. */
  readonly start: () => void
  readonly startLater: () => void
  /** Ends all processes: at once, or as an orderly end does. */
  readonly kill: () => void
  readonly stop: () => void
  /** Takes note of why a pass stood still. */
  readonly checkHalt: (outcome: string) => void
}

/** Sets a run up; nothing happens yet. */
export const make = (options: {
  readonly seed: number
  readonly settings: Settings
  readonly plant: Plant
  readonly chance: Prng.Prng
  readonly time: VirtualTime.VirtualTime
  readonly trace: (line: string) => void
}): Stage => {
  const { chance, plant, seed, settings, time, trace } = options
  const secret = new Uint8Array(32).fill(seed % 251)
  const memory = MemoryJournal.make({ secret })
  const processes: Array<{ readonly process: Network.Process; readonly stop: () => void }> = []

  const planOf = (sides: Sides): FacilityPlan => ({
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
    retentionDays: { records: 400, conflicts: 400, passes: 400 },
    deletionBudget: { count: 5, percent: 10 },
    concurrency: settings.concurrency,
    batch: settings.batch,
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
    stepMs: settings.journalMs,
    trace,
    onCrash: (process) => {
      process.isDead = true
      trace(`${process.name} dies`)
      stage.startLater()
    },
    onRequest: (process, { isContinued, isWrite, name, server }) => {
      stage.requests++
      if (isWrite) stage.onWrite()
      if (/"offset":[1-9]/.test(name)) stage.onPage()
      if (isContinued !== true && time.nowMs() < (process.notBefore.get(server) ?? 0)) {
        ledger.fail("polite", `${server} ${name} was sent before the time that the server named`)
      }
      if (process.inFlight >= settings.concurrency + 1)
        ledger.fail("polite", `${process.inFlight + 1} requests in flight`)
    }
  })

  const firstSkewMs = chance.int(-60, 60) * 1_000
  const restartChance = chance.fork()
  const journalClock = time.clock(() => 0)

  const noteStored = (changes: ReadonlyArray<JournalChange> = []) => {
    for (const change of changes) {
      if (change._tag !== "Put") continue
      const { bookioId, copy, href, intention, kind, practice, uid } = change.item
      const isSeen = practice.state !== undefined || practice.missing >= 2
      if (isSeen && kind === "reservation" && bookioId !== undefined) ledger.stored(bookioId, practice.state)
      if (uid === undefined) continue
      for (const place of [href, copy?.href]) if (place !== undefined) ledger.placed.add(place)
      if (practice.state !== undefined) ledger.known.add(uid)
      if (intention?.side !== "practice" || intention.from === undefined || intention.target === undefined) continue
      ledger.intended(uid, intention.from, intention.target, bookioId)
    }
  }

  const journalOf: Stage["journalOf"] = (process) => {
    const real = plant.journal?.(memory.journal, world) ?? memory.journal
    const stepped = Object.fromEntries(
      Object.entries(real).map(([name, member]) => [
        name,
        typeof member === "function"
          ? (...given: ReadonlyArray<never>) => {
              const made = (member as (...args: ReadonlyArray<never>) => Effect.Effect<unknown, unknown>)(...given)
              if (name === "progress") process.sinceOrder = ledger.order()
              const done = Effect.tap(Effect.provideService(made, Clock.Clock, journalClock), () =>
                Effect.sync(() => {
                  if (name === "commit") noteStored(given[1] as ReadonlyArray<JournalChange> | undefined)
                })
              )
              return network.step(process, done)
            }
          : member
      ])
    )
    return stepped as unknown as Journal["Service"]
  }

  const sidesOf: Stage["sidesOf"] = (process) => {
    const bookio = bookioOf(
      server,
      wire,
      { ...wireOptions, hasFeed: settings.hasFeed, isPutBack: settings.restoresJournal || settings.restoresServer },
      settings.facility,
      network,
      process,
      ledger
    )
    return {
      bookio: plant.bookio?.(bookio, world) ?? bookio,
      practice: (name: string) => {
        const practice = practiceOf(practices.get(name)!, network, process, chance.fork(), ledger, practices.size === 1)
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
    return { name: `w${born}`, isDead: false, notBefore: new Map(), inFlight: 0, sinceOrder: 0 }
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
            stage.passes++
            trace(`${process.name} pass: ${outcome}`)
            stage.checkHalt(outcome)
            if (outcome === "done") ledger.passed(process.sinceOrder)
          })
      }),
      (made) => made.run
    )
    const fiber = Effect.runFork(
      provided(
        worker,
        stage.clockOf(() => process.isDead),
        chance.fork()
      ),
      { scheduler: time.scheduler }
    )
    processes.push({ process, stop: () => Effect.runFork(Fiber.interrupt(fiber), { scheduler: time.scheduler }) })
  }

  const stage: Stage = {
    settings,
    plant,
    time,
    world,
    network,
    memory,
    chance,
    trace,
    skewMs: firstSkewMs,
    onPage: () => {},
    onWrite: () => {},
    menders: [],
    isOver: false,
    wasRestored: false,
    passes: 0,
    requests: 0,
    newProcess,
    planOf,
    sidesOf,
    journalOf,
    clockOf: (isStopped) => time.clock(() => stage.skewMs, isStopped),
    journalClock,
    provided,
    start,
    startLater: () => {
      time.after(restartChance.int(1, 600) * 1_000, () => {
        if (!stage.isOver) start()
      })
    },
    kill: () => {
      for (const { process } of processes) process.isDead = true
    },
    stop: () => {
      for (const { stop } of processes) stop()
    },
    checkHalt: (outcome) => {
      if (/^(foreign-journal|restored-server)/.test(outcome) && !stage.wasRestored) ledger.fail("stops", outcome)
    }
  }
  return stage
}
