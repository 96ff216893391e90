/**
 * A gateway in front of an upstream: core's ports for its own callers, over core's ports as the upstream's tokens see
 * them. It knows neither HTTP nor SQL: the upstream is a function from token to ports, what it knows of ids lies in an
 * `IndexStore`, what is stored with writes in a `WriteStore`, its change feed in an `EventStore`, and `Headers.layer` tells
 * HTTP callers what happened.
 */
import type { Authenticator } from "@bookio-kit/core/access/Authenticator"
import { Caller } from "@bookio-kit/core/access/Caller"
import type { AuditEntries } from "@bookio-kit/core/audit/AuditEntries"
import { Capabilities } from "@bookio-kit/core/backend/Capabilities"
import type { BlockedTimes as BlockedTimesPort } from "@bookio-kit/core/blocked-time/BlockedTimes"
import type { Calendars as CalendarsPort } from "@bookio-kit/core/calendar/Calendars"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import type { Events as EventsPort } from "@bookio-kit/core/event/Events"
import { Facilities as FacilitiesPort } from "@bookio-kit/core/facility/Facilities"
import { Readiness } from "@bookio-kit/core/health/Readiness"
import type { Reservations as ReservationsPort } from "@bookio-kit/core/reservation/Reservations"
import { ChannelId } from "@bookio-kit/core/scalar/Id"
import type { Slots as SlotsPort } from "@bookio-kit/core/slot/Slots"
import type { Writes as WritesPort } from "@bookio-kit/core/write/Writes"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as BlockedTimes from "./BlockedTimes.ts"
import * as Cache from "./Cache.ts"
import * as Calendars from "./Calendars.ts"
import { digestOf } from "./Digest.ts"
import type { EventStore } from "./EventStore.ts"
import * as Events from "./Events.ts"
import * as Facilities from "./Facilities.ts"
import * as FacilityIndex from "./FacilityIndex.ts"
import * as Front from "./Front.ts"
import type { IndexStore } from "./IndexStore.ts"
import { Lifetimes } from "./Reading.ts"
import * as Reservations from "./Reservations.ts"
import * as Sessions from "./Sessions.ts"
import { KeyRing } from "./Sessions.ts"
import * as Slots from "./Slots.ts"
import * as Upstream from "./Upstream.ts"
import type { WriteStore } from "./WriteStore.ts"
import * as Writes from "./Writes.ts"

export interface GatewayOptions extends Upstream.UpstreamOptions {
  /** What the upstream can do. */
  readonly capabilities: Capabilities["Service"]
  /** For how long facilities are kept; 10 minutes. */
  readonly facilitiesLifetime?: Duration.Input
  /** For how long calendars are kept; 1 minute. */
  readonly calendarsLifetime?: Duration.Input
  /** For how long reservations and blocked times are kept; 2 seconds. */
  readonly rowsLifetime?: Duration.Input
  /** How long after a look for changes at the upstream the next one comes. Absent: no change feed. */
  readonly pollEvery?: Duration.Input | undefined
}

/** All ports that a gateway serves, but for `Webhooks`, the `Sessions` that those need, and its `Front`. */
export type Ports =
  | FacilitiesPort
  | CalendarsPort
  | ReservationsPort
  | BlockedTimesPort
  | SlotsPort
  | EventsPort
  | WritesPort
  | AuditEntries
  | Authenticator
  | Readiness
  | Capabilities
  | Sessions.Sessions
  | Front.Front

const millis = (input: Duration.Input) => Duration.toMillis(Duration.fromInputUnsafe(input))

/** Ready when the upstream answers one of its tokens, asked at most every five seconds; with `passthrough` always. */
const readiness = Layer.effect(Readiness)(
  Effect.gen(function* () {
    const ring = yield* KeyRing
    const upstream = yield* Upstream.Upstream
    const ask = Effect.suspend(() => {
      const table = ring.current()
      const [key] = table._tag === "Keys" ? table.keys.values() : []
      if (key === undefined) return Effect.void
      const { access, facilities, sync, upstreamToken } = key
      const session = {
        access,
        facilities,
        sync,
        upstreamToken,
        upstreamDigest: digestOf(upstreamToken),
        own: undefined
      }
      return upstream
        .read(
          session,
          Effect.flatMap(FacilitiesPort, ({ list }) => list)
        )
        .pipe(
          Effect.provideService(Caller, { channelId: ChannelId.make(1), access, language: "en" }),
          Effect.timeoutOrElse({
            duration: "3 seconds",
            orElse: () => Effect.fail(new BackendError({ reason: "Timeout" }))
          }),
          Effect.mapError((error) =>
            error._tag === "BackendError" ? error : new BackendError({ reason: "Internal", cause: error })
          ),
          Effect.asVoid
        )
    })
    return Readiness.of({ check: yield* Effect.cachedWithTTL(ask, "5 seconds") })
  })
)

/** With `passthrough` nobody has a token to watch the upstream with. */
const capabilitiesOf = (capabilities: Capabilities["Service"], isPolled: boolean) =>
  Layer.effect(Capabilities)(
    Effect.map(KeyRing, ({ current }) => ({ ...capabilities, events: isPolled && current()._tag === "Keys" }))
  )

/** The gateway, over the table of keys and the stores that the composition provides. */
export const layer = ({
  calendarsLifetime = "1 minute",
  capabilities,
  facilitiesLifetime = "10 minutes",
  pollEvery,
  rowsLifetime = "2 seconds",
  ...upstream
}: GatewayOptions): Layer.Layer<Ports, never, KeyRing | IndexStore | WriteStore | EventStore> =>
  Layer.mergeAll(
    Facilities.layer,
    Calendars.layer,
    Reservations.layer,
    BlockedTimes.layer,
    Slots.layer,
    readiness,
    Writes.layer,
    Front.layer,
    pollEvery === undefined
      ? Events.layerNone
      : Events.layer({ every: pollEvery, hasFeed: capabilities.events }).pipe(Layer.provide(Facilities.layer))
  ).pipe(
    Layer.provideMerge(Sessions.layer),
    Layer.provide(FacilityIndex.layer),
    Layer.provide(Upstream.layer(upstream)),
    Layer.provide(Cache.layer),
    Layer.provide(
      Layer.succeed(Lifetimes)({
        facilitiesMs: millis(facilitiesLifetime),
        calendarsMs: millis(calendarsLifetime),
        rowsMs: millis(rowsLifetime)
      })
    ),
    Layer.merge(capabilitiesOf(capabilities, pollEvery !== undefined))
  )
