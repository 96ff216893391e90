/** The port by which a backend tells whether it can serve. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { BackendError } from "../error/BackendError.ts"

export class Readiness extends Context.Service<
  Readiness,
  {
    /** Succeeds when a request would be served now. @errors `BackendError` otherwise. */
    readonly check: Effect.Effect<void, BackendError>
  }
>()("@bookio-kit/core/health/Readiness") {}
