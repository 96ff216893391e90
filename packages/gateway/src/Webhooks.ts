/** Core's port of webhooks, for a gateway that does not watch its upstream: there is no such endpoint. */
import { EndpointNotFound } from "@bookio-kit/core/error/Refusal"
import { Webhooks } from "@bookio-kit/core/webhook/Webhooks"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const absent = Effect.fail(new EndpointNotFound())

/** No webhooks. */
export const layerNone: Layer.Layer<Webhooks> = Layer.succeed(Webhooks)({
  list: absent,
  create: () => absent,
  remove: () => absent,
  rotateSecret: () => absent,
  undelivered: () => absent,
  redeliver: () => absent
})
