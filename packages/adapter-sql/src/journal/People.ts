/**
 * Texts of persons in the sync's journal, by the reservations that they belong to: what both sides showed and agreed on,
 * what was to be written, what lost in a conflict. Erasing empties them; the next pass reads both sides again and carries
 * the engine's new name into the practice calendar, unless the practice made the event itself.
 */
import type { Conflict, FacilityKey, Journal } from "@bookio-kit/core/sync/Journal"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import type { SyncState } from "@bookio-kit/core/sync/SyncState"
import * as Effect from "effect/Effect"

type Service = Journal["Service"]

/** A text of a person in the journal. */
export interface JournalText {
  readonly facility: FacilityKey
  readonly reservationId: number
  /** The practice calendar. */
  readonly calendar: string
  /** Where it stands, such as `agreed`, `bookio`, `practice`, `conflict`. */
  readonly place: string
  readonly text: string
}

const statesOf = (item: SyncItem, conflicts: ReadonlyArray<Conflict>) => [
  { place: "agreed", state: item.base },
  { place: "bookio", state: item.bookio.state },
  { place: "practice", state: item.practice.state },
  { place: "to be written", state: item.intention?.target },
  { place: "to be overwritten", state: item.intention?.from },
  ...item.late.map(({ target }) => ({ place: "given up", state: target })),
  ...conflicts.flatMap(({ bookio, practice }) => [
    { place: "conflict, of bookio", state: bookio },
    { place: "conflict, of practice", state: practice }
  ])
]

const itemsOf = (journal: Service, facility: FacilityKey, reservationIds: ReadonlyArray<number>) =>
  Effect.flatMap(journal.byBookioId(facility, "reservation", reservationIds), (items) =>
    Effect.forEach(items, (item) =>
      Effect.map(journal.conflictsOf(facility, item.id), (conflicts) => ({ item, conflicts }))
    )
  )

/** The texts that a facility of the journal has of reservations. @errors `JournalError`. */
export const textsOf = Effect.fn("JournalPeople.textsOf")(function* (
  journal: Service,
  facility: FacilityKey,
  reservationIds: ReadonlyArray<number>
) {
  const found = yield* itemsOf(journal, facility, reservationIds)
  return found.flatMap(({ conflicts, item }) =>
    statesOf(item, conflicts).flatMap(
      ({ place, state }): ReadonlyArray<JournalText> =>
        state === undefined || state.text === "" || item.bookioId === undefined
          ? []
          : [{ facility, reservationId: item.bookioId, calendar: item.calendar, place, text: state.text }]
    )
  )
})

const emptied = <S extends SyncState | undefined>(state: S) => (state === undefined ? state : { ...state, text: "" })

const observed = (observation: SyncItem["bookio"]): SyncItem["bookio"] =>
  observation.state === undefined ? observation : { ...observation, state: { ...observation.state, text: "" } }

// All states of an item get one text: sides that differ in it would be a change, and the old text come back as a conflict.
const emptyItem = (item: SyncItem): SyncItem => ({
  ...item,
  ...(item.base === undefined ? {} : { base: { ...item.base, text: "" } }),
  bookio: observed(item.bookio),
  practice: observed(item.practice),
  ...(item.intention === undefined
    ? {}
    : {
        intention: {
          ...item.intention,
          ...(item.intention.target === undefined ? {} : { target: emptied(item.intention.target) }),
          ...(item.intention.from === undefined ? {} : { from: emptied(item.intention.from) })
        }
      }),
  late: item.late.map((late) => (late.target === undefined ? late : { ...late, target: emptied(late.target) }))
})

const emptyConflict = (conflict: Conflict): Conflict => ({
  ...conflict,
  ...(conflict.bookio === undefined ? {} : { bookio: emptied(conflict.bookio) }),
  ...(conflict.practice === undefined ? {} : { practice: emptied(conflict.practice) })
})

/**
 * Empties the texts that a facility of the journal has of reservations, in one commit; gives how many items it knew of
 * them. Idempotent.
 *
 * @errors `LeaseLost` while a worker is in a pass over the facility, or a worker that crashed still has its lease: nothing
 * was changed; `JournalError`.
 */
export const eraseTexts = Effect.fn("JournalPeople.eraseTexts")(function* (
  journal: Service,
  facility: FacilityKey,
  reservationIds: ReadonlyArray<number>,
  lease: { readonly owner: string; readonly durationMs: number; readonly graceMs: number }
) {
  return yield* Effect.acquireUseRelease(
    journal.acquire(facility, lease),
    (held) =>
      Effect.gen(function* () {
        const found = yield* itemsOf(journal, facility, reservationIds)
        if (found.length === 0) return 0
        yield* journal.commit(held, [
          ...found.map(({ item }) => ({ _tag: "Put", item: emptyItem(item) }) as const),
          ...found.flatMap(({ conflicts }) =>
            conflicts.map((conflict) => ({ _tag: "Conflict", conflict: emptyConflict(conflict) }) as const)
          )
        ])
        return found.length
      }),
    (held) => Effect.ignore(journal.release(held))
  )
})
