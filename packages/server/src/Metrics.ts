/**
 * What is counted of requests, and `/metrics`, which shows all metrics of the process as Prometheus text. Labels are names of
 * operations and statuses: never a path, a query, an address, or an id.
 */
import { Authenticator } from "@bookio-kit/core/access/Authenticator"
import { PermissionDenied } from "@bookio-kit/core/error/Refusal"
import type * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Metric from "effect/Metric"
import * as Option from "effect/Option"
import * as PrometheusMetrics from "effect/observability/PrometheusMetrics"
import { bearerOf } from "./Authorization.ts"
import { answerError } from "./Failures.ts"

const boundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]

const makeSeries = (operation: string, status: string) => {
  const attributes = { operation, status }
  return {
    count: Metric.counter("bookio_requests_total", {
      description: "Requests answered, by operation and HTTP status",
      attributes,
      incremental: true
    }),
    duration: Metric.histogram("bookio_request_duration_seconds", {
      description: "Time from the head of a request to its answer, in seconds",
      attributes,
      boundaries
    })
  }
}

/** Counts and times requests in the metrics of a context; what is no operation, such as `/healthz`, counts as `none`. */
export const makeRecorder = (context: Context.Context<never>) => {
  const known = new Map<string, ReturnType<typeof makeSeries>>()
  return (operation: string | undefined, status: number, durationMs: number) => {
    const key = `${operation} ${status}`
    let series = known.get(key)
    if (series === undefined) {
      series = makeSeries(operation ?? "none", String(status))
      known.set(key, series)
    }
    series.count.updateUnsafe(1, context)
    series.duration.updateUnsafe(durationMs / 1000, context)
  }
}

const loopbackAddress = /^(?:::1|(?:::ffff:)?127(?:\.\d{1,3}){3})$/i
const loopbackHost = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d+)?$/i
const forwarding = ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"]

// A reverse proxy on this machine connects from loopback for everyone, and a page in a browser can be made to (DNS rebinding):
// so neither a forwarded request nor one for another host is from here. Headers can only make this stricter.
const isFromHere = ({ headers, remoteAddress }: HttpServerRequest.HttpServerRequest): boolean =>
  Option.exists(remoteAddress, (address) => loopbackAddress.test(address)) &&
  loopbackHost.test(headers.host ?? "") &&
  forwarding.every((name) => headers[name] === undefined)

const show = Effect.gen(function* () {
  const text = yield* PrometheusMetrics.format()
  return HttpServerResponse.text(text, {
    contentType: "text/plain; version=0.0.4; charset=utf-8",
    headers: { "cache-control": "no-store" }
  })
})

/** `/metrics`: open to programs of this machine, to others with a token of access `admin`. */
export const layer = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const { authenticate } = yield* Authenticator
    yield* router.add(
      "GET",
      "/metrics",
      Effect.gen(function* () {
        const request = yield* HttpServerRequest.HttpServerRequest
        if (isFromHere(request)) return yield* show
        const { access } = yield* authenticate(bearerOf(request.headers))
        return access === "admin" ? yield* show : yield* new PermissionDenied({ reason: "access" })
      }).pipe(Effect.catch((error) => answerError(error)))
    )
  })
)
