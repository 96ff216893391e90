/** The port of free slots, an extension of the published API (api.md, "Extension"). */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { Caller } from "../access/Caller.ts"
import type { BackendError } from "../error/BackendError.ts"
import type { EndpointNotFound, InvalidToken, PermissionDenied, ResourceNotFound } from "../error/Refusal.ts"
import type { Slot, SlotQuery } from "./Slot.ts"

export class Slots extends Context.Service<
  Slots,
  {
    /**
     * Free slots from now on, ascending. Each is accepted by `Reservations.create` for a person without a reservation then.
     *
     * @errors `PermissionDenied` for a foreign facility; `ResourceNotFound` for a service that is not that facility's;
     * `EndpointNotFound` where the backend has no slots (`Capabilities`).
     */
    readonly list: (
      query: SlotQuery
    ) => Effect.Effect<
      ReadonlyArray<Slot>,
      PermissionDenied | ResourceNotFound | EndpointNotFound | InvalidToken | BackendError,
      Caller
    >
  }
>()("@bookio-kit/core/slot/Slots") {}
