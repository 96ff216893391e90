/** The handlers of the webhooks' operations. A secret leaves the server in the answers of two of them, and nowhere else. */
import { ServerApi } from "@bookio-kit/core/api/BookioApi"
import { type WebhookSecret, Webhooks } from "@bookio-kit/core/webhook/Webhooks"
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Redacted from "effect/Redacted"
import { serve } from "./Operation.ts"
import { makeServeWrite } from "./WriteOperation.ts"

const told = ({ secret, webhookId }: WebhookSecret) => ({ webhookId, secret: Redacted.value(secret) })

export const WebhooksHandlers = HttpApiBuilder.group(
  ServerApi,
  "webhooks",
  Effect.fnUntraced(function* (handlers) {
    const port = yield* Webhooks
    const serveWrite = yield* makeServeWrite
    return handlers.handleAll({
      listWebhooks: (request) =>
        serve(
          request,
          Effect.map(port.list, (webhooks) => ({ webhooks }))
        ),
      createWebhook: (request) => serveWrite(request, Effect.map(port.create(request.payload), told)),
      removeWebhook: (request) => serveWrite(request, port.remove(request.params.webhookId)),
      rotateWebhookSecret: (request) =>
        serveWrite(request, Effect.map(port.rotateSecret(request.params.webhookId), told)),
      listUndelivered: (request) =>
        serve(
          request,
          Effect.map(port.undelivered(request.query), ({ pagination, rows }) => ({ pagination, undelivered: rows }))
        ),
      redeliver: (request) => serveWrite(request, port.redeliver(request.params.undeliveredId))
    })
  })
)
