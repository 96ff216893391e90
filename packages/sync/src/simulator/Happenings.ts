/** What happens in the rough part of a run, beside faults: people, an administrator, tokens, clocks and backups. */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import type * as Fiber from "effect/Fiber"
import * as Admin from "../Admin.ts"
import type { ServerState } from "./BookioServer.ts"
import type * as MemoryJournal from "./MemoryJournal.ts"
import * as People from "./People.ts"
import { hourMs, key, minuteMs, type Stage } from "./Stage.ts"

/** An administrator who answers what stands still, and now and then looks at the rest. */
export type Administrator = (isLast: boolean) => Fiber.Fiber<void>

export const makeAdministrator = (stage: Stage): Administrator => {
  const { chance, journalClock, memory, provided, time, trace } = stage
  const adminChance = chance.fork()
  const { journal } = memory
  return (isLast) => {
    const decide = Effect.gen(function* () {
      const halt = yield* Effect.provideService(Admin.resume(journal, key, "admin"), Clock.Clock, journalClock)
      if (halt !== undefined) trace(`admin resumes ${halt.reason}`)
      if (halt?.reason === "deletion-budget") stage.world.ledger.allow()
      const parked = yield* Admin.parked(journal, key)
      if (isLast || adminChance.chance(0.2)) yield* Admin.retry(journal, key, "admin", parked)
      const open = (yield* journal.conflicts(key, "open")).filter(({ resolution }) => resolution === undefined)
      const one = open.length > 0 && !isLast && adminChance.chance(0.5) ? adminChance.pick(open) : undefined
      if (one !== undefined) {
        trace(`admin resolves ${one.field}`)
        const side = adminChance.pick(["bookio", "practice"] as const)
        yield* Admin.resolve(journal, key, "admin", one, side)
        const [item] = yield* journal.byId(key, [one.itemId])
        const status = one.field === "removed" ? "CANCELLED" : one.field === "status" ? one.practice?.status : undefined
        const isOff = side === "practice" && status !== undefined && status !== "CONFIRMED"
        if (isOff && item?.bookioId !== undefined) stage.world.ledger.calledOff(item.bookioId)
      }
    })
    return Effect.runFork(provided(Effect.ignore(decide), journalClock, adminChance), { scheduler: time.scheduler })
  }
}

/** Plans all that is to happen. */
export const plan = (stage: Stage, admin: Administrator): void => {
  const { chance, memory, plant, settings, time, trace, world } = stage
  const { ledger, practices } = world
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
        if (hrefs.length === 0) return
        const href = whenChance.pick(hrefs)
        ledger.rewritten.add(practices.get(name)?.rows.get(href)?.uid ?? "")
        practices.get(name)?.touch(href)
      })
    }
  }
  if (settings.pageEdits > 0) {
    stage.onPage = () => {
      if (!stage.isOver && whenChance.chance(settings.pageEdits)) time.after(whenChance.int(0, 80), people.act)
    }
  }
  for (let index = 0; index < settings.malformed; index++) {
    time.after(whenChance.int(0, settings.lengthMs), () => {
      const mend = people.spoil()
      // Some stay as they are to the end, and some are mended once it is quiet.
      if (mend === undefined || whenChance.chance(0.3)) return
      const isLate = whenChance.chance(0.3)
      if (isLate) stage.menders.push(mend)
      else time.after(whenChance.int(minuteMs / 2, settings.lengthMs / 3), () => (stage.isOver ? undefined : mend()))
    })
  }
  if (settings.hurries > 0) {
    stage.onWrite = () => {
      if (!stage.isOver && whenChance.chance(settings.hurries)) time.after(whenChance.int(0, 400), people.hurry)
    }
  }
  if (settings.stepsClock) {
    time.after(whenChance.int(0, settings.lengthMs), () => {
      stage.skewMs += whenChance.pick([-3_600_000, -30_000, 30_000, 3_600_000])
      trace(`our clock steps to ${stage.skewMs}`)
    })
  }
  if (settings.restoresServer) {
    const takenMs = whenChance.int(0, settings.lengthMs / 2)
    let backup: ServerState | undefined
    time.after(takenMs, () => {
      backup = world.server.backup()
    })
    time.after(takenMs + whenChance.int(minuteMs, settings.lengthMs / 2), () => {
      const { blocked, reservations } = world.server.state
      if (backup === undefined || backup.reservations.size === reservations.size) return
      const kept = backup
      trace("the server is restored")
      stage.wasRestored = true
      const lost = [...reservations.values()].filter(({ id }) => !kept.reservations.has(id))
      ledger.restored(
        lost.map(({ id }) => id),
        lost.flatMap((row) => world.uidsFor(row)),
        [...blocked.keys()].filter((id) => !kept.blocked.has(id)),
        [...practices.values()].flatMap(({ rows }) => [...rows.values()])
      )
      world.server.restore(kept)
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
      stage.kill()
      trace("the journal is restored")
      stage.wasRestored = true
      memory.restore(backup)
      plant.onRestore?.()
      stage.startLater()
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
}
