/** What `/metrics` shows of the sync: by facility and direction, never an item. */
import type { Journal } from "@bookio-kit/core/sync/Journal"
import { totalOf } from "@bookio-kit/sync/Admin"
import type { FacilityHealth } from "@bookio-kit/sync/Worker"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Metric from "effect/Metric"

const lag = Metric.gauge("bookio_sync_lag_seconds", {
  description:
    "Age of the last pass that read this side to its end, in seconds; -1 before the first, and after the clock was set back"
})
const passSeconds = Metric.histogram("bookio_sync_pass_duration_seconds", {
  description: "How long passes took, in seconds",
  boundaries: [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800]
})
const passes = Metric.counter("bookio_sync_passes_total", {
  description: "Passes that ended, by outcome",
  incremental: true
})
const items = Metric.counter("bookio_sync_items_total", {
  description: "What passes did to items, by outcome",
  incremental: true
})
const drift = Metric.counter("bookio_sync_drift_total", {
  description: "Differences that only a full comparison found",
  incremental: true
})
const standing = Metric.gauge("bookio_sync_items", { description: "Items as they stand, by state" })
const halted = Metric.gauge("bookio_sync_halted", {
  description: "1 while a facility stands still until someone decides"
})

const with_ = (facility: string, attributes: { readonly [name: string]: string } = {}) => ({ facility, ...attributes })

type Counts = Effect.Success<ReturnType<Journal["Service"]["counts"]>>

/** Takes in a pass that ended, and what stands in the journal behind it, where that could be read. */
export const observePass = Effect.fnUntraced(function* (counts: Counts | undefined, health: FacilityHealth) {
  const { name, report } = health
  const isDone = health.failures === 0
  yield* Metric.update(Metric.withAttributes(passes, with_(name, { outcome: isDone ? "done" : "failed" })), 1)
  yield* Metric.update(Metric.withAttributes(halted, with_(name)), health.isHalted ? 1 : 0)
  if (report !== undefined && isDone) {
    yield* Metric.update(Metric.withAttributes(passSeconds, with_(name)), (report.endedMs - report.startedMs) / 1000)
    for (const [outcome, number] of report.counts) {
      if (outcome === "drift") yield* Metric.update(Metric.withAttributes(drift, with_(name)), number)
      else yield* Metric.update(Metric.withAttributes(items, with_(name, { outcome })), number)
    }
  }
  if (counts === undefined) return
  const { due, links, openConflicts, parked } = counts
  for (const [state, number] of Object.entries({
    linked: links,
    due,
    conflict: openConflicts,
    parked: totalOf(parked)
  })) {
    yield* Metric.update(Metric.withAttributes(standing, with_(name, { state })), number)
  }
})

/** Brings the ages up to date: called when metrics are read. */
export const observeLag = Effect.fnUntraced(function* (facilities: ReadonlyArray<FacilityHealth>) {
  const nowMs = yield* Clock.currentTimeMillis
  const age = (sinceMs: number | undefined) =>
    sinceMs === undefined || sinceMs === 0 || sinceMs > nowMs + 1_000 ? -1 : (nowMs - sinceMs) / 1000
  for (const { bookioProvenMs, name, practiceProvenMs } of facilities) {
    yield* Metric.update(Metric.withAttributes(lag, with_(name, { side: "bookio" })), age(bookioProvenMs))
    for (const [calendar, sinceMs] of practiceProvenMs) {
      yield* Metric.update(Metric.withAttributes(lag, with_(name, { side: "practice", calendar })), age(sinceMs))
    }
  }
})
