/**
 * `/healthz`, `/readyz` and `/metrics` of the worker. Health is the age of the last proven pass per facility and direction:
 * red until there is one, where it is older than it may be or where someone has to decide; yellow where conflicts or parked
 * items wait.
 */
import { createServer } from "node:http"
import { SettingsError } from "@bookio-kit/core/settings/Settings"
import type { FacilityHealth } from "@bookio-kit/sync/Worker"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import { observeLag } from "./Metrics.ts"

export type Colour = "green" | "yellow" | "red"

/** What is told of a facility. */
export interface FacilityReport {
  readonly facility: string
  readonly health: Colour
  /** What is the matter, in one line; `done` where nothing is. */
  readonly outcome: string
  /** Seconds since the last proven reading of each side; absent before the first, and for one in the future. */
  readonly bookioAgeSeconds?: number
  readonly practiceAgeSeconds: { readonly [calendar: string]: number | null }
  readonly openConflicts: number
  readonly parked: number
}

// One may fail for a moment before it is news; and what takes long is proven as of its beginning: when the next one of its
// length ends, the last is twice that old and the time between them.
const allowedMs = ({ intervalMs, report }: FacilityHealth) =>
  Math.max(120_000, intervalMs * 5, report === undefined ? 0 : 3 * (report.endedMs - report.startedMs))

// By so much a clock is set back in the ordinary course of keeping time.
const stepMs = 1_000

/** Judges a facility. @param waiting - what waits for someone, by the journal. */
export const judge = (
  health: FacilityHealth,
  waiting: { readonly openConflicts: number; readonly parked: number },
  nowMs: number
): FacilityReport => {
  // What was proven at an instant that is yet to come was so before the clock was set back: who knows when.
  const ageOf = (sinceMs: number | undefined) =>
    sinceMs === undefined || sinceMs === 0
      ? undefined
      : sinceMs > nowMs + stepMs
        ? Infinity
        : Math.max(0, nowMs - sinceMs)
  const secondsOf = (age: number | undefined) =>
    age === undefined || age === Infinity ? undefined : Math.round(age / 1000)
  const ages = [ageOf(health.bookioProvenMs), ...[...health.practiceProvenMs.values()].map(ageOf)]
  const isWaiting = ages.includes(undefined)
  const isOld = ages.some((age) => age !== undefined && age > allowedMs(health))
  const isFailing = health.failures > 0
  const isRed = health.isHalted || isFailing || isWaiting || isOld
  const bookioAge = secondsOf(ageOf(health.bookioProvenMs))
  return {
    facility: health.name,
    health: isRed ? "red" : waiting.openConflicts > 0 || waiting.parked > 0 ? "yellow" : "green",
    outcome: isWaiting && !isFailing && health.report === undefined ? "waits for its first pass" : health.outcome,
    ...(bookioAge === undefined ? {} : { bookioAgeSeconds: bookioAge }),
    practiceAgeSeconds: Object.fromEntries(
      [...health.practiceProvenMs].map(([name, sinceMs]) => [name, secondsOf(ageOf(sinceMs)) ?? null])
    ),
    ...waiting
  }
}

const noStore = { "cache-control": "no-store" }

export interface HealthOptions {
  readonly host: string
  readonly port: number
  readonly facilities: ReadonlyArray<FacilityHealth>
  /** The reports as they are now. */
  readonly reports: Effect.Effect<ReadonlyArray<FacilityReport>>
  readonly onListening: (url: string) => Effect.Effect<void>
}

/** Serves them on a host and port. @errors `SettingsError` where it cannot listen. */
export const layer = ({
  facilities,
  host,
  onListening,
  port,
  reports
}: HealthOptions): Layer.Layer<never, SettingsError> => {
  const routes = HttpRouter.use(
    Effect.fnUntraced(function* (router) {
      yield* router.add("GET", "/healthz", HttpServerResponse.jsonUnsafe({ status: "ok" }, { headers: noStore }))
      yield* router.add(
        "GET",
        "/readyz",
        Effect.map(reports, (facilities) => {
          const isReady = facilities.every(({ health }) => health !== "red")
          return HttpServerResponse.jsonUnsafe(
            { status: isReady ? "ready" : "not ready", facilities },
            { status: isReady ? 200 : 503, headers: noStore }
          )
        })
      )
      yield* router.add(
        "GET",
        "/metrics",
        Effect.gen(function* () {
          yield* observeLag(facilities)
          return HttpServerResponse.text(yield* PrometheusMetrics.format(), {
            contentType: "text/plain; version=0.0.4; charset=utf-8",
            headers: noStore
          })
        })
      )
    })
  )
  return Layer.effectDiscard(HttpServer.addressFormattedWith(onListening)).pipe(
    Layer.provideMerge(HttpRouter.serve(routes, { disableLogger: true, disableListenLog: true })),
    Layer.provide(NodeHttpServer.layer(() => createServer(), { host, port })),
    Layer.catch((error) =>
      Layer.effectDiscard(
        new SettingsError({
          problems: [`listen: cannot listen on ${host}, port ${port} (${(error.cause as NodeJS.ErrnoException).code})`]
        })
      )
    )
  )
}
