/**
 * What a pass would do, without doing it: the pass runs on a copy of the journal in memory, reads both sides as they are,
 * and each write is noted and answered as if it had been done (`bookio-sync plan`, `verify`).
 */
import type { Page } from "@bookio-kit/core/page/Page"
import { BlockedTimeId, ReservationId } from "@bookio-kit/core/scalar/Id"
import type { Journal, Lease } from "@bookio-kit/core/sync/Journal"
import type { SyncTerm } from "@bookio-kit/core/sync/SyncState"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import type { Bookio, BookioError } from "./Bookio.ts"
import { makeFacilitySync, type PassReport } from "./Pass.ts"
import type { CalendarPlan, FacilityPlan } from "./Plan.ts"
import * as MemoryJournal from "./simulator/MemoryJournal.ts"

/** One write that a pass would send; without any text of a person. */
export interface PlannedWrite {
  /** `bookio`, or the name of the practice calendar. */
  readonly to: string
  readonly action: string
  /** Which record: an id, or an href. */
  readonly of?: number | string
  readonly term?: SyncTerm
  readonly status?: string
}

const batch = 500

const copy = Effect.fnUntraced(function* (plan: FacilityPlan, journal: Journal["Service"]) {
  const { journal: memory } = MemoryJournal.make({ secret: Redacted.value(journal.secret) })
  const lease: Lease = yield* memory.acquire(plan.key, { owner: "copy", durationMs: 3_600_000, graceMs: 0 })
  let afterId: number | undefined
  for (;;) {
    const items = yield* journal.items(plan.key, batch, afterId)
    yield* memory.commit(
      lease,
      items.map((item) => ({ _tag: "Put", item }))
    )
    if (items.length < batch) break
    afterId = items.at(-1)?.id
  }
  const conflicts = yield* journal.conflicts(plan.key)
  // What stands still is shown as it would go on.
  const { halt: _, ...progress } = yield* journal.progress(plan.key)
  yield* memory.commit(lease, [
    ...conflicts.map((conflict) => ({ _tag: "Conflict", conflict }) as const),
    { _tag: "Progress", progress: { ...progress, removalsAllowedUntilMs: Number.MAX_SAFE_INTEGER } }
  ])
  yield* memory.release(lease)
  return memory
})

/**
 * Notes what would be written to Bookio, and answers as if it had been. From the first write on listings are empty, for
 * what the server shows then is not what it would: it would be taken for changes of someone's, and answered.
 */
const recordBookio = (
  bookio: Bookio,
  hasWritten: () => boolean,
  note: (write: Omit<PlannedWrite, "to">) => void
): Bookio => {
  // Ids that no server has given out.
  let lastId = Number.MAX_SAFE_INTEGER
  const noted = <A>(write: Omit<PlannedWrite, "to">, answer: A) =>
    Effect.sync(() => {
      note(write)
      return answer
    })
  const unlessWritten = <Q extends { readonly offset?: number; readonly limit?: number }, A>(
    list: (query: Q) => Effect.Effect<Page<A>, BookioError>
  ) =>
    Effect.fnUntraced(function* (query: Q): Effect.fn.Return<Page<A>, BookioError> {
      if (!hasWritten()) return yield* list(query)
      return { pagination: { total: 0, offset: query.offset ?? 0, limit: query.limit ?? 0 }, rows: [] }
    })
  return {
    ...bookio,
    listReservations: unlessWritten(bookio.listReservations),
    listBlockedTimes: unlessWritten(bookio.listBlockedTimes),
    createReservation: ({ externalId }) =>
      noted({ action: "create reservation" }, { reservationId: ReservationId.make(lastId--), externalId }),
    changeStatus: (id, { status }) => noted({ action: "change status", of: id, status }, { reservationId: id }),
    changeTerm: (id) => noted({ action: "change term", of: id }, { reservationId: id }),
    confirmSync: (id) => noted({ action: "confirm sync", of: id }, { reservationId: id }),
    createBlockedTime: ({ externalId }) =>
      noted({ action: "create blocked time" }, { blockedTimeId: BlockedTimeId.make(lastId--), externalId }),
    changeBlockedTime: (id) => noted({ action: "change blocked time", of: id }, { blockedTimeId: id }),
    removeBlockedTime: (id) => noted({ action: "remove blocked time", of: id }, { blockedTimeId: id })
  }
}

const recordCalendar = (calendar: CalendarPlan, note: (write: PlannedWrite) => void): CalendarPlan => {
  const to = calendar.name
  const { practice } = calendar
  return {
    ...calendar,
    practice: {
      ...practice,
      create: ({ status, term, uid }) =>
        Effect.sync(() => {
          note({ to, action: "create event", of: uid, term, status })
          return { href: uid, etag: "planned" }
        }),
      update: (item, { status, term }) =>
        Effect.sync(() => {
          note({
            to,
            action: "change event",
            of: item.href,
            ...(term === undefined ? {} : { term }),
            ...(status === undefined ? {} : { status })
          })
          return { href: item.href, etag: "planned" }
        }),
      remove: ({ href }) => Effect.sync(() => note({ to, action: "remove event", of: href }))
    }
  }
}

/** What a preview found. */
export interface Preview {
  readonly writes: ReadonlyArray<PlannedWrite>
  readonly report: PassReport
}

/** Runs a pass without its writes. @param options - `full`: compares both windows in full. @errors as a pass. */
export const preview = Effect.fn("Sync.preview")(function* (
  plan: FacilityPlan,
  journal: Journal["Service"],
  options: { readonly full: boolean }
) {
  const writes: Array<PlannedWrite> = []
  const memory = yield* copy(plan, journal)
  const planned: FacilityPlan = {
    ...plan,
    bookio: recordBookio(
      plan.bookio,
      () => writes.length > 0,
      (write) => writes.push({ to: "bookio", ...write })
    ),
    calendars: plan.calendars.map((calendar) => recordCalendar(calendar, (write) => writes.push(write)))
  }
  const sync = yield* makeFacilitySync(planned, memory, "preview")
  const found: Preview = { writes, report: yield* sync.pass(options) }
  return found
})
