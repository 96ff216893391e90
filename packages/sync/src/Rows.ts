/** What the journal knows of the rows of a listing, whether they are reservations or blocked times. */
import type { JournalError } from "@bookio-kit/core/sync/Journal"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import * as Effect from "effect/Effect"
import { parkedItem, type Run } from "./Run.ts"

interface Row {
  readonly id: number
  readonly externalId?: number | undefined
}

interface Known {
  readonly byId: ReadonlyArray<SyncItem>
  /** By any externalId that the item's own writes use or used. */
  readonly byExternalId: ReadonlyArray<SyncItem>
}

/** The items that know one of the rows, in two reads of the journal. */
export const knownOf = Effect.fnUntraced(function* (
  { journal, plan }: Run,
  record: "reservation" | "blockedTime",
  rows: ReadonlyArray<Row>
): Effect.fn.Return<Known, JournalError> {
  const byId = yield* journal.byBookioId(
    plan.key,
    record,
    rows.map(({ id }) => id)
  )
  const externalIds = rows.flatMap(({ externalId }) => externalId ?? [])
  return { byId, byExternalId: externalIds.length === 0 ? [] : yield* journal.byExternalId(plan.key, externalIds) }
})

/** An item whose row cannot be read: what is known of it stays. @param problem - names the record, and what is wrong. */
export const unreadableRow = (item: SyncItem, { id }: Row, problem: string, nowMs: number): SyncItem =>
  item.parked?.reason === "UnreadableRow"
    ? item
    : parkedItem({ ...item, bookioId: id }, "UnreadableRow", problem, nowMs, false)
