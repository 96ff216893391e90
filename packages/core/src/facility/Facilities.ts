/** The port of facilities. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { Caller } from "../access/Caller.ts"
import type { BackendError } from "../error/BackendError.ts"
import type { InvalidToken } from "../error/Refusal.ts"
import type { Facility } from "./Facility.ts"

export class Facilities extends Context.Service<
  Facilities,
  {
    /**
     * All facilities that the caller's channel reaches, ascending by id. Operation 1 of the reference. Safe to repeat.
     *
     * @errors `InvalidToken` where the backend checks the token itself; `BackendError` when it fails.
     */
    readonly list: Effect.Effect<ReadonlyArray<Facility>, InvalidToken | BackendError, Caller>
  }
>()("@bookio-kit/core/facility/Facilities") {}
