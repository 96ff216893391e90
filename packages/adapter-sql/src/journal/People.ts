/**
 * Texts of persons in the sync's journal, by the reservations that they belong to: what both sides showed and agreed on,
 * what was to be written, what lost in a conflict. Who is erased in the engine is carried on by the next pass: it reads the
 * new name, writes it into the practice calendar, and so into the item. What no pass comes back to is emptied here.
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
  ...item.late.flatMap(({ from, target }) => [
    { place: "given up", state: target },
    { place: "given up, to be overwritten", state: from }
  ]),
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
  observation.state === undefined ? observation : { ...observation, state: emptied(observation.state) }

const lateOf = (item: SyncItem): SyncItem["late"] =>
  item.late.map((late) => ({
    ...late,
    ...(late.target === undefined ? {} : { target: emptied(late.target) }),
    ...(late.from === undefined ? {} : { from: emptied(late.from) })
  }))

// What is shown in the practice calendar, and was agreed on, stays: without it the pass would take the old text that it
// reads there for a change of the practice's, and keep it in a conflict.
const emptyItem = (item: SyncItem): SyncItem =>
  item.practice.state !== undefined || item.intention !== undefined
    ? { ...item, late: lateOf(item) }
    : {
        ...item,
        ...(item.base === undefined ? {} : { base: emptied(item.base) }),
        bookio: observed(item.bookio),
        late: lateOf(item)
      }

const emptyConflict = (conflict: Conflict): Conflict => ({
  ...conflict,
  ...(conflict.bookio === undefined ? {} : { bookio: emptied(conflict.bookio) }),
  ...(conflict.practice === undefined ? {} : { practice: emptied(conflict.practice) })
})

/** A reservation whose person was erased in the engine, and when: Unix milliseconds. */
export interface ErasedReservation {
  readonly id: number
  readonly changedMs: number
}

// Since the engine's change it was read again, and nothing is left to be done about it.
const isCarriedOn = ({ bookio, dueMs, intention, parked }: SyncItem, changedMs: number): boolean =>
  bookio.atMs >= changedMs && dueMs === undefined && intention === undefined && parked === undefined

/**
 * Empties the texts of erased persons that no pass comes back to, in one commit: those of conflicts, of writes that were
 * given up, of items without an appointment. Idempotent.
 *
 * @returns `items`: how many the journal knows of these reservations; `pending`: of these, how many still have the old text
 * until a pass has come by.
 * @errors `LeaseLost` while a worker is in a pass over the facility: nothing was changed; `JournalError`.
 */
export const eraseTexts = Effect.fn("JournalPeople.eraseTexts")(function* (
  journal: Service,
  facility: FacilityKey,
  reservations: ReadonlyArray<ErasedReservation>,
  lease: { readonly owner: string; readonly durationMs: number; readonly graceMs: number }
) {
  const changes = new Map(reservations.map(({ changedMs, id }) => [id, changedMs]))
  return yield* Effect.acquireUseRelease(
    journal.acquire(facility, lease),
    (held) =>
      Effect.gen(function* () {
        const found = yield* itemsOf(journal, facility, [...changes.keys()])
        if (found.length > 0) {
          yield* journal.commit(held, [
            ...found.map(({ item }) => ({ _tag: "Put", item: emptyItem(item) }) as const),
            ...found.flatMap(({ conflicts }) =>
              conflicts.map((conflict) => ({ _tag: "Conflict", conflict: emptyConflict(conflict) }) as const)
            )
          ])
        }
        const waits = ({ item }: (typeof found)[number]) =>
          item.practice.state !== undefined && !isCarriedOn(item, changes.get(item.bookioId ?? 0) ?? 0)
        return { items: found.length, pending: found.filter(waits).length }
      }),
    (held) => Effect.ignore(journal.release(held))
  )
})
