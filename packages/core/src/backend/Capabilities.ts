/**
 * What a backend can do of that in which backends differ: what the published reference leaves open, and our extensions.
 * Everything else every backend does. The laws of `@bookio-kit/conformance` test each of these both ways.
 */
import * as Context from "effect/Context"

export class Capabilities extends Context.Service<
  Capabilities,
  {
    /** `Slots.list` answers; without it, it fails with `EndpointNotFound`. */
    readonly slots: boolean
    /**
     * The passes of a repeated hour are told apart by members `…Offset`, in requests and rows (api.md, "The repeated hour").
     * Without it no row has one.
     */
    readonly offsets: boolean
    /** Each channel has its own `externalId` and `needsSync` of a record (engine.md, rule 9). Without it all share them. */
    readonly channelFlags: boolean
    /** `DuplicateReservation` names the record that is there, where the caller may see it. Without it, it never does. */
    readonly duplicateIds: boolean
    /**
     * A create that repeats what was cancelled or removed in the last 24 hours is refused (engine.md, rule 6 (b)). Without
     * it, it is made anew.
     */
    readonly lateRetries: boolean
    /** The same person cannot book one service and start twice (engine.md, rule 6 (c)). Without it, a second place is taken. */
    readonly personDuplicates: boolean
    /** `Events` tells changes; without it, its methods fail with `EndpointNotFound`. */
    readonly events: boolean
  }
>()("@bookio-kit/core/backend/Capabilities") {}
