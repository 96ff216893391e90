/**
 * What the sync made for busy events before its journal was put back to an earlier state: the server shows it, and the
 * journal knows neither it nor its event. Once someone has said that the server is right (`adopt`), each is given to the
 * event that takes the same time, or waits for someone, for nothing else tells whose it is.
 */
import type { Reservation } from "@bookio-kit/core/reservation/Reservation"
import type { Appointment } from "@bookio-kit/core/sync/Appointment"
import type { JournalChange, JournalError, LeaseLost } from "@bookio-kit/core/sync/Journal"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import type { SyncTerm } from "@bookio-kit/core/sync/SyncState"
import { readTerm } from "@bookio-kit/core/sync/Terms"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import type { Booking } from "./Desired.ts"
import { isFormer } from "./Holds.ts"
import { parkedItem, type Run } from "./Run.ts"
import { sameTerm } from "./States.ts"

const batch = 500

/** Whether Bookio has what no event is known for, and none ever was. */
export const isOrphan = ({ base, bookio, intention, kind, practice, uid }: SyncItem): boolean =>
  (kind === "busy" || kind === "hold") &&
  uid === undefined &&
  base === undefined &&
  bookio.state !== undefined &&
  practice.state === undefined &&
  intention === undefined

/** An orphan that waits for someone. */
export const orphaned = (item: SyncItem, nowMs: number): SyncItem =>
  parkedItem(
    item,
    "Orphan",
    "no event explains it, and it was made with an externalId that this journal does not know",
    nowMs,
    false
  )

/**
 * Looks for what has no event, in the pass that adopts what the server shows; in any other there is none to give away. Holds
 * that were given up, and that the server has lost, are forgotten: their ids are given out again.
 */
export const findOrphans: (run: Run) => Effect.Effect<void, JournalError | LeaseLost> = Effect.fnUntraced(
  function* (run) {
    if (run.progress.adopt !== true) return
    let afterId: number | undefined
    for (;;) {
      const items = yield* run.journal.items(run.plan.key, batch, afterId)
      for (const item of items) if (isOrphan(item)) run.orphans.set(item.id, item)
      const lost = run.isReservationsComplete ? items.filter((item) => isLostFormer(run, item)) : []
      if (lost.length > 0) yield* run.commit(lost.map(({ id }): JournalChange => ({ _tag: "Drop", itemId: id })))
      if (items.length < batch) return
      afterId = items.at(-1)?.id
    }
  }
)

const isLostFormer = ({ shown, window }: Run, item: SyncItem): boolean =>
  isFormer(item) &&
  item.bookioId !== undefined &&
  !shown.has(item.bookioId) &&
  item.base !== undefined &&
  item.base.term.startMs >= window.fromMs

/** Gives an orphan to an occurrence that takes the same time; only once. */
export const claimOrphan = (
  run: Run,
  wanted: { readonly kind: SyncItem["kind"]; readonly calendar: string; readonly term: SyncTerm }
): SyncItem | undefined => {
  for (const item of run.orphans.values()) {
    const { state } = item.bookio
    if (item.kind !== wanted.kind || state === undefined || !sameTerm(state.term, wanted.term)) continue
    if (item.kind === "hold" && item.calendar !== wanted.calendar) continue
    run.orphans.delete(item.id)
    // Both show one time: when the event is gone before this is acted on, it was there.
    return { ...item, base: state }
  }
  return undefined
}

/** Whether an event asks for someone else than a reservation is for: its mark is of an id that was given out again since. */
export const isForAnother = (
  { attendees, booking }: Pick<Appointment, "attendees" | "booking">,
  row: Pick<Reservation, "name" | "email">
): boolean => {
  const { email, name } = booking ?? attendees[0] ?? {}
  const differs = (asked: string | undefined, known: string | undefined) =>
    asked !== undefined && known !== undefined && asked.trim().toLocaleLowerCase() !== known.trim().toLocaleLowerCase()
  return differs(email, row.email) || differs(name, row.name)
}

/** A reservation whose event is not known, made with an externalId that the journal did not know. */
export const noteUnclaimed = (run: Run, item: SyncItem, row: Reservation): void => {
  if (run.progress.adopt !== true || item.kind !== "reservation" || row.externalId === undefined) return
  if (item.uid === undefined && item.practice.state === undefined) run.unclaimed.set(item.id, row)
}

/**
 * Gives such a reservation to the event that asks for one, by person and service: its start too where there are several, for
 * the event may have been moved since.
 */
export const claimReservation = (run: Run, booking: Booking, startMs: number): number | undefined => {
  const name = `${booking.name} ${booking.surname}`.toLocaleLowerCase()
  const found = [...run.unclaimed].filter(
    ([, row]) =>
      row.service === booking.serviceId &&
      row.name.toLocaleLowerCase() === name &&
      (row.email === undefined || row.email.toLocaleLowerCase() === booking.email.toLocaleLowerCase())
  )
  const starts = ([, row]: readonly [number, Reservation]) =>
    Result.match(readTerm(run.directory.timeZone, row), {
      onFailure: () => false,
      onSuccess: (term) => term.startMs === startMs
    })
  const [id] = found.find(starts) ?? (found.length === 1 ? found[0] : undefined) ?? []
  if (id !== undefined) run.unclaimed.delete(id)
  return id
}

/** Parks those that no event explains, once all calendars were read. */
export const parkOrphans: (run: Run) => Effect.Effect<void, JournalError | LeaseLost> = Effect.fnUntraced(
  function* (run) {
    if (run.orphans.size === 0 || run.listed.size < run.plan.calendars.length) return
    const nowMs = yield* Clock.currentTimeMillis
    const changes = [...run.orphans.values()].map(
      (item): JournalChange => ({ _tag: "Put", item: orphaned(item, nowMs) })
    )
    run.orphans.clear()
    yield* run.commit(changes)
  }
)
