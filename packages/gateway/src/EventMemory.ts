/** The store of a change feed that lasts as long as the process. */
import type { Event, EventKind } from "@bookio-kit/core/event/Event"
import type { FacilityId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { EventStore, eventOf, kindOf, recordIdOf, type Seen, type Source, type WatchedKind } from "./EventStore.ts"

interface Row {
  readonly facilityId: FacilityId
  readonly atMs: number
  readonly kind: EventKind | "gap"
  readonly recordId: number
}

interface Known extends Seen {
  readonly kind: WatchedKind
  readonly facilityId: FacilityId
}

export const layer: Layer.Layer<EventStore> = Layer.sync(EventStore)(() => {
  const sources = new Map<FacilityId, Source>()
  const known = new Map<string, Known>()
  // The event of id n is at n - 1 - pruned.
  const rows: Array<Row> = []
  let pruned = 0
  const isGone = ({ facilityId, kind }: Known, of: FacilityId) => kind !== "blockedTime" || facilityId !== of

  return EventStore.of({
    source: (facilityId) => Effect.sync(() => sources.get(facilityId)),
    setSource: (facilityId, source, gapAtMs) =>
      Effect.sync(() => {
        sources.set(facilityId, source)
        if (gapAtMs !== undefined) rows.push({ facilityId, atMs: gapAtMs, kind: "gap", recordId: 0 })
      }),
    see: (kind, facilityId, seen, { isQuiet, nowMs }) =>
      Effect.sync(() =>
        seen.flatMap((record) => {
          const key = `${kind} ${record.id}`
          const before = known.get(key)
          if (before?.content === record.content) return []
          known.set(key, { ...record, kind, facilityId })
          if (isQuiet) return []
          const event = kindOf(kind, before === undefined)
          rows.push({ facilityId, atMs: nowMs, kind: event, recordId: record.id })
          return [event]
        })
      ),
    blockedTimes: (facilityId, until) =>
      Effect.sync(() =>
        [...known.values()].flatMap((record) =>
          isGone(record, facilityId) || (until !== undefined && (record.until ?? "") < until) ? [] : [record.id]
        )
      ),
    remove: (facilityId, ids, nowMs) =>
      Effect.sync(() => {
        for (const id of ids) {
          if (!known.delete(`blockedTime ${id}`)) continue
          rows.push({ facilityId, atMs: nowMs, kind: "blockedTime.removed", recordId: id })
        }
      }),
    take: ({ events, facilities, hasGap, last }, nowMs) =>
      Effect.sync(() => {
        const kinds: Array<EventKind> = []
        const lasts = new Map<FacilityId, number>()
        for (const facilityId of facilities) {
          const source = sources.get(facilityId)
          if (source?._tag !== "Followed") continue
          lasts.set(facilityId, hasGap ? 0 : source.last)
          if (hasGap) rows.push({ facilityId, atMs: nowMs, kind: "gap", recordId: 0 })
          sources.set(facilityId, { _tag: "Followed", last: hasGap ? last : Math.max(source.last, last) })
        }
        for (const event of events) {
          if (event.id <= (lasts.get(event.facilityId) ?? Number.POSITIVE_INFINITY)) continue
          const { facilityId, kind } = event
          rows.push({ facilityId, atMs: Date.parse(event.at), kind, recordId: recordIdOf(event) })
          kinds.push(kind)
        }
        return kinds
      }),
    find: (facilities, after, limit) =>
      Effect.sync(() => {
        const newest = pruned + rows.length
        const start = Math.min(Math.max(after, pruned), newest)
        const events: Array<Event> = []
        let hasGap = after !== 0 && after !== start
        let last = start
        while (last < newest && events.length < limit) {
          const row = rows[last - pruned]
          const isOne = row !== undefined && facilities.has(row.facilityId)
          if (isOne && row.kind === "gap" && events.length > 0) break
          last += 1
          if (!isOne) continue
          if (row.kind === "gap") hasGap = true
          else events.push(eventOf(last, row.facilityId, row.atMs, row.kind, row.recordId))
        }
        return { events, last, hasGap }
      }),
    newest: Effect.sync(() => pruned + rows.length),
    prune: (beforeMs) =>
      Effect.sync(() => {
        // The newest stays, as in a store that tells by it which ids were given.
        while (rows.length > 1 && (rows[0]?.atMs ?? beforeMs) < beforeMs) {
          rows.shift()
          pruned += 1
        }
      })
  })
})
