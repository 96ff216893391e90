/**
 * An item of a practice calendar, as its adapter reads it: one UID, with the occurrences that it has in a window. What is
 * the item's business (iCalendar, FHIR) stays in the adapter; what it means for Bookio is decided from these facts.
 */
import type { ReservationStatus } from "../reservation/Reservation.ts"
import type { SyncTerm } from "./SyncState.ts"

/**
 * Our mark on an item: of which record it is the image. It counts only if the signature is that of our journal for this
 * UID, facility, kind and id, and for how often the item was written, which it tells (sync.md, "Whose event is it"); the
 * adapter carries it and judges nothing.
 */
export interface Mark {
  readonly kind: "reservation" | "blockedTime"
  readonly facilityId: number
  readonly id: number
  readonly signature: string
}

/** The owner's part in an occurrence. `organizer`: the event is the owner's own, or nobody is invited. */
export type Participation = "organizer" | "accepted" | "tentative" | "declined" | "needs-action"

/** One occurrence; an item that does not recur has one. */
export interface Occurrence {
  /**
   * Which of its item's occurrences: the start that the recurrence rule gives it, in UTC as "2026-11-22T09:00:00Z", or
   * "2026-11-22" for a whole day. It stays when the occurrence is moved. "" for an item that does not recur.
   */
  readonly key: string
  /** In a gap of the zone an instant is read with the offset before it; an ambiguous one is the first (calendars.md). */
  readonly term: SyncTerm
  readonly status: "confirmed" | "tentative" | "cancelled"
  /** The calendar shows the time as free (TRANSP:TRANSPARENT). */
  readonly isTransparent: boolean
  /** The text is for the owner only: CLASS other than PUBLIC. */
  readonly isPrivate: boolean
  readonly participation: Participation
  /** The first line is the title, what follows is the description; "" where there is none. */
  readonly text: string
}

/** A person that an item names, as far as it does. */
export interface AppointmentPerson {
  readonly name?: string
  readonly email?: string
  readonly phone?: string
}

/** An item that could be read. */
export interface Appointment {
  readonly _tag: "Appointment"
  readonly uid: string
  /** The server's own name of it; opaque. */
  readonly href: string
  /** Of this very content; opaque. */
  readonly etag: string
  readonly mark?: Mark
  /** Our property: the patient did not come. */
  readonly didNotCome: boolean
  readonly isRecurring: boolean
  /** Our properties of a booking that the practice made in its calendar: the service by id or name, and the person. */
  readonly booking?: AppointmentPerson & { readonly service?: string }
  /** Who is invited beside the owner, in the item's order. */
  readonly attendees: ReadonlyArray<AppointmentPerson>
  /** Those that overlap the window, ascending by start; of an item that does not recur its one, wherever it lies. */
  readonly occurrences: ReadonlyArray<Occurrence>
}

/** An item that is there and cannot be read: malformed, too large, an unknown zone, too many occurrences. */
export interface UnreadableItem {
  readonly _tag: "Unreadable"
  readonly href: string
  readonly etag?: string
  readonly uid?: string
  /** What is wrong, and what would be right; nothing of the item's texts. */
  readonly problem: string
}

/** An item that was reported as removed. */
export interface RemovedItem {
  readonly _tag: "Removed"
  readonly href: string
}

/** An item that is there and is as its known etag says. */
export interface UnchangedItem {
  readonly _tag: "Unchanged"
  readonly href: string
}

export type PracticeItem = Appointment | UnreadableItem | RemovedItem | UnchangedItem

/** What an item of ours shows. It is written with CLASS:PRIVATE, opaque unless cancelled, and without attendees. */
export interface AppointmentContent {
  readonly uid: string
  readonly term: SyncTerm
  readonly status: ReservationStatus
  readonly text: string
  readonly mark: Mark
}

/** What is changed of an item: members left out keep their value, and all else that it holds stays. */
export interface AppointmentChange {
  readonly term?: SyncTerm
  /** CANCELLED and CONFIRMED are the item's status; DID_NOT_COME is our property on an item that stays confirmed. */
  readonly status?: ReservationStatus
  readonly text?: string
  readonly mark?: Mark
}
