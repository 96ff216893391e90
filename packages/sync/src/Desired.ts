/**
 * What an appointment means for Bookio, as a pure function: which items it should have, and what each shows (sync.md, "What
 * flows"). Who may decide what stands here; whether it comes about is decided by the pass.
 */

import type { Appointment, AppointmentPerson, Occurrence } from "@bookio-kit/core/sync/Appointment"
import { blocks, mayBook } from "@bookio-kit/core/sync/AppointmentRules"
import type { ItemKind, SyncItem } from "@bookio-kit/core/sync/SyncItem"
import type { SyncState, SyncTerm } from "@bookio-kit/core/sync/SyncState"
import type { Directory } from "./Directory.ts"
import type { CalendarPlan, FacilityPlan } from "./Plan.ts"
import { sameTerm } from "./States.ts"

/** One item that an appointment should have. */
export interface Desired {
  readonly kind: ItemKind
  readonly occurrence: string
  readonly part: string
  readonly state: SyncState
  /** A busy time that goes nowhere: it would close calendars that this practice calendar does not serve. */
  readonly isNotSent?: true
}

/** What an event that carries a patient and a service asks for. */
export interface Booking {
  readonly serviceId: number
  readonly name: string
  readonly surname: string
  readonly email: string
  readonly phone: string
  /** Its text is the owner's only, and goes nowhere. */
  readonly isPrivate: boolean
}

const nameParts = (name: string): readonly [string, string] | undefined => {
  const words = name.trim().split(/\s+/)
  const surname = words.pop()
  return surname === undefined || words.length === 0 ? undefined : [words.join(" "), surname]
}

const serviceOf = (
  appointment: Appointment,
  occurrence: Occurrence,
  { services }: CalendarPlan,
  directory: Directory
): number | undefined => {
  const named = appointment.booking?.service
  if (named !== undefined) {
    const id = Number(named)
    return Number.isSafeInteger(id) && directory.isKnown(id) ? id : undefined
  }
  const title = occurrence.text.split("\n", 1)[0]?.toLocaleLowerCase() ?? ""
  return services.find((rule) => title.includes(rule.title.toLocaleLowerCase()))?.serviceId
}

/**
 * The booking that an event asks for: the owner's own, no series, confirmed, with a service of a calendar that this practice
 * calendar serves, and a person with email and phone. Anything less stays a busy event.
 */
export const bookingOf = (
  appointment: Appointment,
  calendar: CalendarPlan,
  directory: Directory
): Booking | undefined => {
  const [occurrence] = appointment.occurrences
  if (occurrence === undefined || appointment.isRecurring || !mayBook(appointment)) return undefined
  const serviceId = serviceOf(appointment, occurrence, calendar, directory)
  if (serviceId === undefined || directory.calendarOf(serviceId)?.name !== calendar.name) return undefined
  const attendee: AppointmentPerson | undefined =
    appointment.attendees.length === 1 ? appointment.attendees[0] : undefined
  const { email = attendee?.email, name = attendee?.name, phone = attendee?.phone } = appointment.booking ?? {}
  const parts = name === undefined ? undefined : nameParts(name)
  if (parts === undefined || email === undefined || phone === undefined) return undefined
  return { serviceId, name: parts[0], surname: parts[1], email, phone, isPrivate: occurrence.isPrivate }
}

/** What an event of ours, or one that became a reservation, shows. */
export const appointmentState = (appointment: Appointment, occurrence: Occurrence): SyncState => ({
  term: occurrence.term,
  status: occurrence.status === "cancelled" ? "CANCELLED" : appointment.didNotCome ? "DID_NOT_COME" : "CONFIRMED",
  text: occurrence.text
})

/** Whether what an event shows can be booked at all: it takes place, and is not over. */
export const asks = ({ status, term }: SyncState, nowMs: number): boolean =>
  status === "CONFIRMED" && term.endMs > nowMs

const touches = (term: SyncTerm, fromMs: number, toMs: number): boolean => term.endMs > fromMs && term.startMs < toMs

/** The busy times of an appointment that overlap [fromMs, toMs), each as what it takes in Bookio. */
export const busyTimes = (
  appointment: Appointment,
  calendar: CalendarPlan,
  plan: FacilityPlan,
  directory: Directory,
  window: { readonly fromMs: number; readonly toMs: number }
): ReadonlyArray<Desired> =>
  appointment.occurrences.flatMap((occurrence): ReadonlyArray<Desired> => {
    const { key, term } = occurrence
    if (!touches(term, window.fromMs, window.toMs) || !blocks(occurrence, { tentative: plan.tentative })) return []
    const text = plan.notes && !occurrence.isPrivate ? occurrence.text : ""
    const state: SyncState = { term, status: "CONFIRMED", text }
    if (directory.servesAll(calendar, term)) return [{ kind: "busy", occurrence: key, part: "", state }]
    if (calendar.busy === "off" || calendar.hold === undefined) {
      return [{ kind: "busy", occurrence: key, part: "", state, isNotSent: true }]
    }
    return directory.openParts(calendar.hold.serviceId, term).map((part) => ({
      kind: "hold",
      occurrence: key,
      part: new Date(part.startMs).toISOString(),
      state: { term: part, status: "CONFIRMED", text }
    }))
  })

// One that shows nothing, and never did, has no term, and is near none.
const knownTerm = ({ base, practice }: SyncItem): SyncTerm | undefined => (practice.state ?? base)?.term

const isTaken = ({ bookio }: SyncItem): boolean => bookio.state !== undefined

/**
 * Which of an appointment's items is which: by key, then by day, so that a series that was changed keeps its blocked times. Of
 * two for one occurrence it is the one that Bookio has something of: a hold that was given up can be confirmed once more.
 */
export const pairItems = (
  items: ReadonlyArray<SyncItem>,
  desired: ReadonlyArray<Desired>,
  dayOf: (epochMs: number) => number
): {
  readonly pairs: ReadonlyArray<readonly [SyncItem, Desired]>
  readonly gone: ReadonlyArray<SyncItem>
  readonly added: ReadonlyArray<Desired>
} => {
  const left = new Set(items)
  const sorted = items.toSorted((a, b) => Number(isTaken(b)) - Number(isTaken(a)))
  const pairs: Array<readonly [SyncItem, Desired]> = []
  const take = (wanted: ReadonlyArray<Desired>, isNear: (item: SyncItem, wanted: Desired) => boolean) =>
    wanted.filter((one) => {
      const near = sorted.find((item) => left.has(item) && item.kind === one.kind && isNear(item, one))
      if (near === undefined) return true
      left.delete(near)
      pairs.push([near, one])
      return false
    })
  const withoutKey = take(desired, (item, { occurrence, part }) => item.occurrence === occurrence && item.part === part)
  // Of several on one day, the one that takes this very time keeps it: moving another there would free it in between.
  const withoutTerm = take(withoutKey, (item, { state }) => {
    const term = knownTerm(item)
    return term !== undefined && sameTerm(term, state.term)
  })
  const added = take(withoutTerm, (item, { state }) => {
    const term = knownTerm(item)
    return term !== undefined && dayOf(term.startMs) === dayOf(state.term.startMs)
  })
  return { pairs, gone: [...left], added }
}
