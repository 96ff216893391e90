/**
 * One run of the simulator (sync.md, "How it is tested"): people, faults and crashes in virtual time, then quiet, then the
 * invariants. A seed is a run, to the last byte of its trace.
 */

import { createHash } from "node:crypto"
import * as Effect from "effect/Effect"
import { makeAdministrator, plan } from "./Happenings.ts"
import type { Violation } from "./Ledger.ts"
import * as Prng from "./Prng.ts"
import { listedBy, settleAndJudge } from "./Quiet.ts"
import { draw, type Settings } from "./Settings.ts"
import * as Stage from "./Stage.ts"
import * as VirtualTime from "./VirtualTime.ts"

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

export interface RunOptions {
  /** Else only its hash is kept. */
  readonly keepTrace?: boolean
  readonly plant?: Stage.Plant
  /** Whether the journal is put back to an earlier state once. */
  readonly restores?: boolean
  /** Whether practice calendars leave changes out of what changed since a token, which only a full comparison finds. */
  readonly skips?: boolean
  /**
   * Whether items cannot be read for a while or to the end, calendars cannot compare before they write, and people change what
   * was changed a moment before.
   */
  readonly harsh?: boolean
  /** Whether Bookio is put back to an earlier state once, and hands ids out again. */
  readonly server?: boolean
}

const calm = (settings: Settings): Settings => ({
  ...settings,
  bound: settings.bound.map((calendar) => ({ ...calendar, etags: "strong" })),
  malformed: 0,
  hurries: 0
})

/** Runs a seed. */
export const run = (seed: number, options: RunOptions = {}): Run => {
  const { harsh = false, keepTrace = false, plant = {}, restores = false, server = false, skips = false } = options
  const chance = Prng.make(seed)
  const harshest = draw(chance.fork())
  const drawn: Settings = {
    ...(harsh ? harshest : calm(harshest)),
    restoresJournal: restores,
    restoresServer: server,
    skips: skips ? 0.15 : 0
  }
  const settings = plant.settings?.(drawn) ?? drawn
  const time = VirtualTime.make(settings.startMs)
  const hash = createHash("sha256")
  const lines: Array<string> = []
  const trace = (line: string) => {
    const text = `${new Date(time.nowMs()).toISOString().slice(5, 23)} ${line}`
    hash.update(text)
    if (keepTrace) lines.push(text)
  }
  const stage = Stage.make({ seed, settings, plant, chance, time, trace })
  const { memory, network, world } = stage
  const admin = makeAdministrator(stage)
  plan(stage, admin)

  network.weather = settings.weather
  for (let index = 0; index < settings.workers; index++) time.after(index * 7_000, stage.start)
  time.passTo(settings.startMs + settings.lengthMs)

  const found = settleAndJudge(stage, admin)
  if (keepTrace) {
    const { conflicts, items } = listedBy(stage)
    for (const item of items) {
      lines.push(`item ${JSON.stringify(item)}`)
      for (const one of Effect.runSync(memory.journal.trail(Stage.key, item.id))) {
        lines.push(`  ${new Date(one.atMs).toISOString().slice(5, 23)} ${one.step}: ${one.detail}`)
      }
    }
    for (const conflict of conflicts) lines.push(`conflict ${JSON.stringify(conflict)}`)
  }
  return {
    seed,
    violations: [...world.ledger.violations, ...found],
    hash: hash.digest("hex"),
    trace: lines,
    passes: stage.passes,
    requests: stage.requests,
    settings
  }
}
