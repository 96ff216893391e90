/** The Bearer scheme of the API (documented), as a middleware of the contract that provides the caller. */
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as HttpApiSecurity from "effect/http-api/HttpApiSecurity"
import type { Caller } from "../access/Caller.ts"
import { Failure } from "./Envelope.ts"

export class Authorization extends HttpApiMiddleware.Service<Authorization, { provides: Caller }>()(
  "@bookio-kit/core/api/Authorization",
  {
    requiredForClient: true,
    security: { bearer: HttpApiSecurity.bearer },
    error: Failure.pipe(HttpApiSchema.status(401))
  }
) {}
