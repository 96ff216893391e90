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
    // In lower case as RFC 6750 registers it: viewers of the OpenAPI document know it by that only.
    security: { bearer: HttpApiSecurity.http({ scheme: "bearer" }) },
    error: Failure.pipe(HttpApiSchema.status(401))
  }
) {}
