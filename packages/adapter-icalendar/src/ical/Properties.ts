/**
 * Our own properties of an event. The mark is one property without parameters, for servers are known to drop those of
 * properties that they do not know, and without any character that TEXT escapes:
 *
 *     X-BOOKIO-MARK:reservation/12/345/SIGNATURE        (kind, facility, id, signature)
 */
import type { AppointmentContent, AppointmentPerson, Mark } from "@bookio-kit/core/sync/Appointment"
import { type Component, property, textOf } from "./CalendarObject.ts"
import { unescapeText } from "./Text.ts"

/** Names of our properties, as they are written. */
export const markName = "X-BOOKIO-MARK"
export const statusName = "X-BOOKIO-STATUS"

/** Writes a mark. */
export const markText = ({ facilityId, id, kind, signature }: Mark): string =>
  [kind, facilityId, id, signature].join("/")

/** Reads the mark; one that is not well formed is none. */
export const markOf = (event: Component): Mark | undefined => {
  const value = textOf(event, markName.toLowerCase()).trim()
  const [, kind, facilityId, id, signature] =
    /^(reservation|blockedTime)\/(\d{1,15})\/(\d{1,15})\/(\S+)$/.exec(value) ?? []
  if ((kind !== "reservation" && kind !== "blockedTime") || signature === undefined) return undefined
  return { kind, facilityId: Number(facilityId), id: Number(id), signature }
}

/** Whether the patient is marked as not having come. */
export const didNotComeOf = (event: Component): boolean =>
  textOf(event, statusName.toLowerCase()).trim().toUpperCase() === "DID_NOT_COME"

/** Reads the booking that a practice made in its calendar. */
export const bookingOf = (event: Component): (AppointmentPerson & { readonly service?: string }) | undefined => {
  const given = (["service", "name", "email", "phone"] as const).flatMap((name) => {
    const text = textOf(event, `x-bookio-${name}`)
    // The parser reads the escapes of what says that it is TEXT.
    const isRead = property(event, `x-bookio-${name}`)?.type === "text"
    const value = (isRead ? text : unescapeText(text)).trim()
    return value === "" ? [] : [[name, value] as const]
  })
  return given.length === 0 ? undefined : Object.fromEntries(given)
}

/** What of an item's content its status is: did-not-come is a property beside a status that stays confirmed. */
export const statusLines = (
  status: AppointmentContent["status"]
): { readonly status: string; readonly transp: string } =>
  status === "CANCELLED" ? { status: "CANCELLED", transp: "TRANSPARENT" } : { status: "CONFIRMED", transp: "OPAQUE" }
