/**
 * The ports that a command works with: a remote server's, or those of the engine on its database. Which of the two is
 * loaded is decided by the target, so that a run loads one of them only.
 */
import type { Caller } from "@bookio-kit/core/access/Caller"
import type { Capabilities } from "@bookio-kit/core/backend/Capabilities"
import type { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import type { Calendars } from "@bookio-kit/core/calendar/Calendars"
import type { BackendError } from "@bookio-kit/core/error/BackendError"
import type { InvalidToken } from "@bookio-kit/core/error/Refusal"
import type { Events } from "@bookio-kit/core/event/Events"
import type { Facilities } from "@bookio-kit/core/facility/Facilities"
import type { Order } from "@bookio-kit/core/page/Paging"
import type { Reservations } from "@bookio-kit/core/reservation/Reservations"
import type { SettingsError } from "@bookio-kit/core/settings/Settings"
import type { Slots } from "@bookio-kit/core/slot/Slots"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Invocation } from "./Invocation.ts"
import { type Target, target } from "./Target.ts"

/** What is known of the backend beside its ports. */
export class Backend extends Context.Service<
  Backend,
  {
    readonly target: Target
    /** Whether its listings are known to move rows to the end only. */
    readonly order: Order
  }
>()("@bookio-kit/cli/Backend") {}

export type Ports =
  | Facilities
  | Calendars
  | Reservations
  | BlockedTimes
  | Slots
  | Events
  | Capabilities
  | Caller
  | Backend

type PortsLayer = Layer.Layer<Ports, SettingsError | InvalidToken | BackendError, Invocation>

/** The ports of a target. @errors `SettingsError`, `InvalidToken`, `BackendError`. */
export const layerOf = (to: Target): PortsLayer =>
  Layer.unwrap(
    Effect.promise(
      async (): Promise<PortsLayer> =>
        to._tag === "Remote"
          ? (await import("./backend/Remote.ts")).layer(to)
          : (await import("./backend/Embedded.ts")).layer(to)
    )
  )

/** The ports of this run's target. @errors as `layerOf`. */
export const layer = Layer.unwrap(Effect.map(target, layerOf))

/** Runs a command over the ports. */
export const withBackend = <E>(run: Effect.Effect<void, E, Ports | Invocation>) => Effect.provide(run, layer)
