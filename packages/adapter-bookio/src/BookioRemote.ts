/** A remote server of the Bookio Medical Public API as a backend: all of core's ports over one client. */
import { Capabilities } from "@bookio-kit/core/backend/Capabilities"
import type { BlockedTimes as BlockedTimesPort } from "@bookio-kit/core/blocked-time/BlockedTimes"
import type { Calendars as CalendarsPort } from "@bookio-kit/core/calendar/Calendars"
import type { Events as EventsPort } from "@bookio-kit/core/event/Events"
import type { Facilities as FacilitiesPort } from "@bookio-kit/core/facility/Facilities"
import type { Reservations as ReservationsPort } from "@bookio-kit/core/reservation/Reservations"
import type { SettingsError } from "@bookio-kit/core/settings/Settings"
import type { Slots as SlotsPort } from "@bookio-kit/core/slot/Slots"
import type { HttpClient } from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as BlockedTimes from "./BlockedTimes.ts"
import * as BookioClient from "./BookioClient.ts"
import * as Calendars from "./Calendars.ts"
import * as Events from "./Events.ts"
import * as Facilities from "./Facilities.ts"
import * as Reservations from "./Reservations.ts"
import * as Slots from "./Slots.ts"

/** What the remote server serves, and the client for listings (`Listing`). */
export type Ports =
  | FacilitiesPort
  | CalendarsPort
  | ReservationsPort
  | BlockedTimesPort
  | SlotsPort
  | EventsPort
  | Capabilities
  | BookioClient.BookioClient

// The published reference promises none of these; bookio-kit's servers do all.
const capabilitiesOf = (isOurs: boolean): Capabilities["Service"] => ({
  slots: isOurs,
  offsets: isOurs,
  channelFlags: isOurs,
  duplicateIds: isOurs,
  lateRetries: isOurs,
  personDuplicates: isOurs,
  events: isOurs
})

/** The backend, over whichever `HttpClient` the composition provides. @errors `SettingsError` as `BookioClient.make`. */
export const layer = (options: BookioClient.BookioClientOptions): Layer.Layer<Ports, SettingsError, HttpClient> =>
  Layer.mergeAll(
    Facilities.layer,
    Events.layer,
    Calendars.layer,
    Reservations.layer,
    BlockedTimes.layer,
    Slots.layer,
    Layer.succeed(Capabilities)(capabilitiesOf(options.extensions === true))
  ).pipe(Layer.provideMerge(BookioClient.layer(options)))
