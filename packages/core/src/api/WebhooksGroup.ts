/** The operations by which a channel looks after its webhooks, an extension of the published API. */
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as OpenApi from "effect/http-api/OpenApi"
import * as Schema from "effect/Schema"
import { Pagination } from "../page/Page.ts"
import { described } from "../scalar/Described.ts"
import { fromDecimal } from "../scalar/Parameters.ts"
import { NewWebhook, Undelivered, UndeliveredId, Webhook, WebhookId } from "../webhook/Webhook.ts"
import { Authorization } from "./Authorization.ts"
import { lang, paging, readErrors, writeErrors } from "./Endpoint.ts"
import { Success } from "./Envelope.ts"
import { AllowedAccess, admins, Provenance } from "./Operation.ts"
import { RequestForm } from "./RequestForm.ts"

const params = Schema.Struct({ webhookId: fromDecimal(WebhookId) })

const WithSecret = Success(
  Schema.Struct({
    webhookId: WebhookId,
    secret: Schema.String.annotate({
      description: "The key of the signatures: whsec_ and 32 bytes in base64. It is told here only.",
      examples: ["whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwMfKQ9r8GKYo="]
    })
  })
)

export class WebhooksGroup extends HttpApiGroup.make("webhooks")
  .add(
    HttpApiEndpoint.get("listWebhooks", "/webhooks", {
      query: Schema.Struct(lang),
      success: Success(Schema.Struct({ webhooks: Schema.Array(Webhook) })),
      error: readErrors
    }).annotate(OpenApi.Summary, "Returns the webhooks of the token's channel."),
    HttpApiEndpoint.post("createWebhook", "/webhooks", {
      query: Schema.Struct(lang),
      payload: NewWebhook,
      success: WithSecret,
      error: writeErrors
    }).annotate(OpenApi.Summary, "Creates a webhook for what happens from now on, and returns its secret."),
    HttpApiEndpoint.delete("removeWebhook", "/webhooks/:webhookId", {
      params,
      query: Schema.Struct(lang),
      success: Success(Schema.Struct({ webhookId: WebhookId })),
      error: readErrors
    }).annotate(OpenApi.Summary, "Removes a webhook and its undelivered messages."),
    HttpApiEndpoint.put("rotateWebhookSecret", "/webhooks/:webhookId/secret", {
      params,
      query: Schema.Struct(lang),
      success: WithSecret,
      error: readErrors
    }).annotate(OpenApi.Summary, "Draws a new secret; the one before signs for another 24 hours too."),
    HttpApiEndpoint.get("listUndelivered", "/webhooks/undelivered", {
      query: Schema.Struct({
        webhookId: described(Schema.optionalKey(fromDecimal(WebhookId)), "Only of this webhook."),
        ...paging,
        ...lang
      }),
      success: Success(Schema.Struct({ pagination: Pagination, undelivered: Schema.Array(Undelivered) })),
      error: readErrors
    }).annotate(OpenApi.Summary, "Returns the messages that were tried and not delivered."),
    HttpApiEndpoint.post("redeliver", "/webhooks/undelivered/:undeliveredId/redeliver", {
      params: Schema.Struct({ undeliveredId: fromDecimal(UndeliveredId) }),
      query: Schema.Struct(lang),
      success: Success(Schema.Struct({ undeliveredId: UndeliveredId })),
      error: readErrors
    }).annotate(OpenApi.Summary, "Has an undelivered message tried again.")
  )
  .annotateEndpoints(AllowedAccess, admins)
  .annotateEndpoints(Provenance, "extension")
  .middleware(RequestForm)
  .middleware(Authorization)
  .annotate(OpenApi.Title, "Webhooks") {}
