/**
 * Who takes part in an event (RFC 5545, 3.8.4): whose it is decides whether it may become a reservation (sync.md, "Whose
 * event is it").
 */
import type { AppointmentPerson, Participation } from "@bookio-kit/core/sync/Appointment"
import { type Component, type Property, parameterOf, propertiesOf, property } from "./CalendarObject.ts"

const answers: Readonly<Record<string, Participation>> = {
  ACCEPTED: "accepted",
  TENTATIVE: "tentative",
  DECLINED: "declined",
  DELEGATED: "declined"
}

/**
 * The owner's part. Without ORGANIZER the event is the owner's own. An owner who is not on the list of somebody else's
 * event has not answered.
 *
 * Where nobody knows the owner's addresses, an event with an ORGANIZER never counts as the owner's, so that no invitation
 * makes a reservation; it has the most binding answer of its ATTENDEEs, so that it blocks if anyone accepted, and blocks
 * too if nobody is invited.
 */
export const participationOf = (event: Component, owner: ReadonlyArray<string>): Participation => {
  const organizer = property(event, "organizer")
  if (organizer === undefined) return "organizer"
  const attendees = propertiesOf(event, "attendee")
  if (owner.length === 0) {
    const given = attendees.map(answerOf)
    if (given.length === 0) return "accepted"
    return (["accepted", "tentative", "needs-action"] as const).find((answer) => given.includes(answer)) ?? "declined"
  }
  if (isOneOf(organizer, owner)) return "organizer"
  const self = attendees.find((attendee) => isOneOf(attendee, owner))
  return self === undefined ? "needs-action" : answerOf(self)
}

/** Who is invited beside the owner, in the event's order; rooms and devices are left out. */
export const attendeesOf = (event: Component, owner: ReadonlyArray<string>): ReadonlyArray<AppointmentPerson> => {
  const organizer = property(event, "organizer")
  const own = owner.length > 0 || organizer === undefined ? owner : addressesOf(organizer)
  return propertiesOf(event, "attendee").flatMap((attendee) => {
    const kind = parameterOf(attendee, "cutype")?.toUpperCase()
    if (kind === "ROOM" || kind === "RESOURCE" || isOneOf(attendee, own)) return []
    const name = parameterOf(attendee, "cn")?.trim() ?? ""
    const email = addressesOf(attendee).find((address) => address.includes("@"))
    const phone = /^tel:(.+)$/i.exec(uriOf(attendee))?.[1]
    const person = {
      // Programs that know no name write the address there.
      ...(name === "" || name.includes("@") ? {} : { name }),
      ...(email === undefined ? {} : { email }),
      ...(phone === undefined ? {} : { phone })
    }
    return Object.keys(person).length === 0 ? [] : [person]
  })
}

const answerOf = (attendee: Property): Participation =>
  answers[parameterOf(attendee, "partstat")?.toUpperCase() ?? ""] ?? "needs-action"

const uriOf = (of: Property): string => String(of.values[0] ?? "").trim()

/** The value's address, and the one that programs write beside it where the value is a name in their own directory. */
const addressesOf = (of: Property): ReadonlyArray<string> =>
  [uriOf(of), parameterOf(of, "email") ?? ""]
    .map((address) =>
      address
        .trim()
        .toLowerCase()
        .replace(/^mailto:/, "")
    )
    .filter((address) => address !== "")

const isOneOf = (of: Property, addresses: ReadonlyArray<string>): boolean =>
  addressesOf(of).some((address) => addresses.includes(address))
