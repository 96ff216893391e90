/** The error of a layer as another error; `Layer` of this Effect has no such function. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

export const mapError =
  <E, E2>(f: (error: E) => E2) =>
  <A, R>(layer: Layer.Layer<A, E, R>): Layer.Layer<A, E2, R> =>
    Layer.catch(layer, (error): Layer.Layer<unknown, E2> => Layer.effectContext(Effect.fail(f(error))))
