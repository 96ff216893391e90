/**
 * The embedded engine: a complete backend of the Bookio Medical Public API on a SQL database (engine.md), behind core's
 * ports. SQLite by default; the dialects differ in `database/Dialect.ts` and nowhere else.
 */
import type { Authenticator } from "@bookio-kit/core/access/Authenticator"
import type { AuditEntries as AuditEntriesPort } from "@bookio-kit/core/audit/AuditEntries"
import { Capabilities } from "@bookio-kit/core/backend/Capabilities"
import type { BlockedTimes as BlockedTimesPort } from "@bookio-kit/core/blocked-time/BlockedTimes"
import type { Calendars as CalendarsPort } from "@bookio-kit/core/calendar/Calendars"
import type { Events as EventsPort } from "@bookio-kit/core/event/Events"
import type { Facilities as FacilitiesPort } from "@bookio-kit/core/facility/Facilities"
import type { Readiness } from "@bookio-kit/core/health/Readiness"
import type { Reservations as ReservationsPort } from "@bookio-kit/core/reservation/Reservations"
import type { Slots as SlotsPort } from "@bookio-kit/core/slot/Slots"
import type { WebhookDeliveries as WebhookDeliveriesPort } from "@bookio-kit/core/webhook/WebhookDeliveries"
import type { Webhooks as WebhooksPort } from "@bookio-kit/core/webhook/Webhooks"
import type { Writes as WritesPort } from "@bookio-kit/core/write/Writes"
import * as Layer from "effect/Layer"
import type { Database } from "./database/Database.ts"
import * as AuditEntries from "./engine/AuditEntries.ts"
import * as BlockedTimes from "./engine/BlockedTimes.ts"
import * as Calendars from "./engine/Calendars.ts"
import * as Events from "./engine/Events.ts"
import * as Facilities from "./engine/Facilities.ts"
import * as Ready from "./engine/Ready.ts"
import * as Reservations from "./engine/Reservations.ts"
import * as Slots from "./engine/Slots.ts"
import * as Tokens from "./engine/Tokens.ts"
import * as WebhookDeliveries from "./engine/WebhookDeliveries.ts"
import * as Webhooks from "./engine/Webhooks.ts"
import * as Writes from "./engine/Writes.ts"

/** All ports that the engine serves. */
export type Ports =
  | FacilitiesPort
  | CalendarsPort
  | ReservationsPort
  | BlockedTimesPort
  | SlotsPort
  | WritesPort
  | AuditEntriesPort
  | EventsPort
  | WebhooksPort
  | WebhookDeliveriesPort
  | Authenticator
  | Readiness
  | Capabilities

/** The engine does all in which backends differ. */
const capabilities = Layer.succeed(Capabilities)({
  slots: true,
  offsets: true,
  channelFlags: true,
  duplicateIds: true,
  lateRetries: true,
  personDuplicates: true,
  events: true
})

/** The engine over an open database. */
export const layer: Layer.Layer<Ports, never, Database> = Layer.mergeAll(
  Calendars.layer,
  Reservations.layer,
  BlockedTimes.layer,
  Slots.layer,
  Writes.layer,
  AuditEntries.layer,
  Webhooks.layer,
  WebhookDeliveries.layer,
  Tokens.layer,
  Ready.layer,
  capabilities
).pipe(Layer.provideMerge(Layer.merge(Facilities.layer, Events.layer)))
