/**
 * Traces and metrics for an OpenTelemetry collector, if the settings name one. If not, no span is made at all: Effect's own
 * tracer would make some for each statement, which nobody reads.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as References from "effect/References"

export interface TelemetryOptions {
  /** The base URL of the collector, to which the OTLP paths are added; `undefined` for none. */
  readonly endpoint: URL | undefined
  /** Headers of each export, such as the key of the collector. */
  readonly headers: { readonly [name: string]: string } | undefined
}

const disabled = Layer.succeed(References.TracerEnabled)(false)

export const layer = ({ endpoint, headers = {} }: TelemetryOptions): Layer.Layer<never> =>
  endpoint === undefined
    ? disabled
    : Layer.unwrap(
        Effect.map(
          Effect.promise(() => import("./Otlp.ts")),
          (otlp) => otlp.layer(endpoint, headers)
        )
      )
