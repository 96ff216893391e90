/** Items as rows and back: the columns that they are found by, and the whole as JSON. */
import type { JournalError } from "@bookio-kit/core/sync/Journal"
import { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { badRow } from "./Failures.ts"

const Text = Schema.fromJsonString(SyncItem)
const encode = Schema.encodeEffect(Text)
const decode = Schema.decodeUnknownEffect(Text)

/** Of which record in Bookio an item is. */
export const recordOf = (kind: SyncItem["kind"]): "reservation" | "blockedTime" =>
  kind === "reservation" || kind === "hold" ? "reservation" : "blockedTime"

const flag = (value: boolean) => (value ? 1 : 0)

/** The row of an item. @errors `JournalError` `Internal` for what is no item, such as a fraction of a millisecond. */
export const toRow = (facilityId: number, item: SyncItem) =>
  encode(item).pipe(
    Effect.mapError(() => badRow("item", item.id)),
    Effect.map((json) => ({
      facility_id: facilityId,
      id: item.id,
      kind: item.kind,
      calendar: item.calendar,
      record: recordOf(item.kind),
      bookio_id: item.bookioId ?? null,
      external_id: item.externalId ?? null,
      intention_external_id: item.intention?.externalId ?? null,
      uid: item.uid ?? null,
      href: item.href ?? null,
      due_ms: item.dueMs ?? null,
      end_ms: item.endMs,
      in_bookio: flag(item.bookio.state !== undefined),
      in_practice: flag(item.practice.state !== undefined),
      parked_reason: item.parked?.reason ?? null,
      waiting: flag(item.parked !== undefined || item.intention?.state === "unknown"),
      settled: flag(item.dueMs === undefined && item.parked === undefined && item.intention === undefined),
      json
    }))
  )

/** What is selected of an item. */
export interface ItemRow {
  readonly id: number
  readonly json: string
}

/** The item of a row. @errors `JournalError` `Internal` for a row that this version cannot read. */
export const fromRow = ({ id, json }: ItemRow): Effect.Effect<SyncItem, JournalError> =>
  Effect.mapError(decode(json), () => badRow("item", id))
