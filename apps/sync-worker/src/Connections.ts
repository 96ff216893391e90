/** How this app's requests are sent: with undici, by the cheap way where it can be (`@bookio-kit/adapter-bookio/Dispatched`). */
import * as Dispatched from "@bookio-kit/adapter-bookio/Dispatched"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"

/** The client, with connections of its own that are closed with the layer. */
export const layer: Layer.Layer<HttpClient.HttpClient> = Layer.effect(HttpClient.HttpClient)(
  Effect.gen(function* () {
    return Dispatched.make(yield* NodeHttpClient.Dispatcher, yield* NodeHttpClient.makeUndici)
  })
).pipe(Layer.provide(NodeHttpClient.layerDispatcher))
