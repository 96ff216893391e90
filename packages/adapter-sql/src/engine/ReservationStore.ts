/** Reservations as the database holds them: one of them, for a change. */
import type { Caller } from "@bookio-kit/core/access/Caller"
import { personKey } from "@bookio-kit/core/booking/Person"
import type { ReservationStatus } from "@bookio-kit/core/reservation/Reservation"
import type { CalendarId, ChannelId, ExternalId, ReservationId, ServiceId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import { prepared } from "../database/Prepared.ts"
import type { FacilityState } from "./FacilityState.ts"

type CallerService = Caller["Service"]

/** An e-mail as listings and rule 6 (c) compare it. */
export const emailKey = (email: string): string =>
  personKey({ name: "", surname: "", phone: "", email }, undefined).email

/** A reservation as a change needs it. */
export interface StoredReservation {
  readonly id: ReservationId
  readonly calendar_id: CalendarId
  readonly service_id: ServiceId
  readonly channel_id: ChannelId
  readonly name: string
  readonly surname: string
  readonly email: string
  readonly phone: string
  readonly status: ReservationStatus
  readonly from_ms: number
  readonly to_ms: number
  /** The caller's channel's own. */
  readonly external_id: ExternalId | null
}

const selectStored = prepared<StoredReservation>(`
  SELECT r.id, r.calendar_id, r.service_id, r.channel_id, r.name, r.surname, r.email, r.phone, r.status, r.from_ms,
    r.to_ms, x.external_id
  FROM reservation r LEFT JOIN reservation_channel x ON x.reservation_id = r.id AND x.channel_id = ?
  WHERE r.id = ? AND r.facility_id = ?`)

/** A reservation of a facility that the caller has locked; `undefined` if it is not there. */
export const find = (caller: CallerService, facility: FacilityState, id: ReservationId) =>
  Effect.map(selectStored(caller.channelId, id, facility.id), ([row]) => row)

/** Marks a change: unsynced for every channel, the one that made it included (rule 9). */
export const touch = prepared("UPDATE reservation_channel SET needs_sync = 1 WHERE reservation_id = ?")
