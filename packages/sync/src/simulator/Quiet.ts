/** The quiet end of a run: no edits, no faults; passes until both sides should be equal, and then the judgement. */
import type { Journal } from "@bookio-kit/core/sync/Journal"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import { makeFacilitySync } from "../Pass.ts"
import type { Administrator } from "./Happenings.ts"
import { check, type Listed } from "./Invariants.ts"
import type { Violation } from "./Ledger.ts"
import * as Network from "./Network.ts"
import { hourMs, key, minuteMs, type Stage } from "./Stage.ts"

/** What the journal lists by now. */
export const listedBy = ({ memory }: Stage): Listed => ({
  items: Effect.runSync(memory.journal.items(key, 100_000)),
  conflicts: Effect.runSync(memory.journal.conflicts(key))
})

/** Ends the rough part, lets what is on its way arrive, and judges. */
export const settleAndJudge = (stage: Stage, admin: Administrator): ReadonlyArray<Violation> => {
  const { chance, journalOf, network, newProcess, planOf, provided, settings, sidesOf, time, trace, world } = stage
  const { ledger } = world
  stage.isOver = true
  trace("quiet")
  network.weather = Network.calm
  stage.stop()
  time.passTo(time.nowMs() + 3 * minuteMs)
  stage.kill()
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
      stage.clockOf(),
      chance.fork()
    )
  )
  const passChance = chance.fork()
  const pass = (full = false) => {
    stage.passes++
    const exit = time.run(() =>
      Effect.runFork(provided(sync.pass({ full }), stage.clockOf(), passChance), { scheduler: time.scheduler })
    )
    const outcome = Exit.isSuccess(exit)
      ? `done ${JSON.stringify([...exit.value.counts])}`
      : Cause.pretty(exit.cause).split("\n")[0]
    trace(`quiet pass: ${outcome}`)
    if (Exit.isSuccess(exit) && exit.value.down.length === 0) ledger.passed(process.sinceOrder)
    const error = Exit.isFailure(exit) ? Cause.findErrorOption(exit.cause) : undefined
    const isHalted = error?._tag === "Some" && error.value._tag === "Halted"
    if (isHalted) stage.checkHalt(error.value.message)
    else if (Exit.isFailure(exit)) ledger.fail("defect", Cause.pretty(exit.cause))
    time.passTo(time.nowMs() + minuteMs)
    return { isHalted, requests: Exit.isSuccess(exit) ? (exit.value.counts.get("writes") ?? 0) : 0 }
  }
  const answer = () => {
    const answered = admin(true)
    time.run(() => answered)
  }
  const settle = (most: number) => {
    let answers = 0
    for (let index = 0; index < most; index++) {
      // What a calendar never tells is found by the daily comparison; so is what a server lost whose ids and numbers are as
      // before, for others have been booked since.
      if (!pass(settings.skips > 0 || (settings.restoresServer && index === 0)).isHalted) continue
      // A halt is answered, and the pass counts anew.
      answer()
      if (++answers < 5) index = -1
    }
  }
  answer()
  // Nobody has to say that it can be read again.
  for (const mend of stage.menders) mend()
  settle(2)
  let found = check(world, listedBy(stage))
  if (found.length > 0) {
    // What only a full listing shows takes longer.
    settle(10)
    found = check(world, listedBy(stage))
  }
  // What the last of them wrote comes back once more, and then there is nothing left to do.
  for (let most = 3; most > 0 && found.length === 0; most--) {
    quiet.length = 0
    const { requests: writes } = pass()
    if (writes === 0 && quiet.length === 0) break
    const detail = `a pass without changes sent ${writes} writes and stored ${[...new Set(quiet)].join(", ")}`
    if (most === 1) found = [{ invariant: "quiet", detail }]
  }
  return found
}

/** A journal that tells what changes of items are stored. */
const watchedJournal = (journal: Journal["Service"], tell: (what: string) => void): Journal["Service"] => ({
  ...journal,
  commit: (lease, changes) => {
    for (const { _tag } of changes) if (_tag !== "Pass" && _tag !== "Progress" && _tag !== "Seen") tell(_tag)
    return journal.commit(lease, changes)
  }
})
