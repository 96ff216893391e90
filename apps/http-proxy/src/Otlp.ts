/**
 * Exports traces and metrics by OTLP over HTTP in JSON. Apart from `Telemetry.ts`, so that it is loaded only where it is used.
 * Logs stay on standard error.
 */
import { withoutPersonalData } from "@bookio-kit/server/Tracing"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as OtlpExporter from "effect/observability/OtlpExporter"
import * as OtlpMetrics from "effect/observability/OtlpMetrics"
import * as OtlpSerialization from "effect/observability/OtlpSerialization"
import * as OtlpTracer from "effect/observability/OtlpTracer"
import * as Tracer from "effect/Tracer"

// A collector that takes connections and never answers must not gather exports in memory. A defect is not tried again: the
// exporter drops what it holds, and all else for a minute.
const client = Layer.effect(HttpClient.HttpClient)(
  Effect.map(
    HttpClient.HttpClient,
    HttpClient.transformResponse(
      Effect.timeoutOrElse({
        duration: Duration.seconds(5),
        orElse: () => Effect.die(new Error("the collector does not answer"))
      })
    )
  )
).pipe(Layer.provide(FetchHttpClient.layer))

/** The exporters; what they hold is sent when the layer ends, for at most three seconds. */
export const layer = (endpoint: URL, headers: { readonly [name: string]: string }) => {
  const to = (signal: "traces" | "metrics") => ({
    url: `${endpoint.href.replace(/\/$/, "")}/v1/${signal}`,
    headers,
    resource: { serviceName: "bookio-proxy" },
    shutdownTimeout: Duration.seconds(3)
  })
  return Layer.mergeAll(
    Layer.effect(Tracer.Tracer)(Effect.map(OtlpTracer.make(to("traces")), withoutPersonalData)),
    OtlpMetrics.layer(to("metrics"))
  ).pipe(Layer.provide([OtlpExporter.layerFlusher, OtlpSerialization.layerJson, client]))
}
