/**
 * The middleware of the contract that answers a request of the wrong form (errorCode 10) in the envelope, with all its
 * problems at once: body, path and query. It stands inside `Authorization`, for errorCode 20 comes first.
 */
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import { Failure } from "./Envelope.ts"

export class RequestForm extends HttpApiMiddleware.Service<RequestForm>()("@bookio-kit/core/api/RequestForm", {
  error: Failure.pipe(HttpApiSchema.status(400))
}) {}
