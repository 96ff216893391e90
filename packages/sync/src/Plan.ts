/** What a facility's sync is told to do: the two sides, and the decisions that its settings make (sync.md, "What flows"). */
import type { CalendarId, FacilityId, ServiceId } from "@bookio-kit/core/scalar/Id"
import type { FacilityKey } from "@bookio-kit/core/sync/Journal"
import type { PracticeCalendar } from "@bookio-kit/core/sync/PracticeCalendar"
import type { Language } from "@bookio-kit/core/text/Text"
import type { Bookio } from "./Bookio.ts"

/** Who a hold is booked for: a person of the practice's own. */
export interface Person {
  readonly name: string
  readonly surname: string
  readonly email: string
  readonly phone: string
}

/** Which service an event means that names a patient as its attendee: the first rule whose text its title contains. */
export interface ServiceRule {
  /** Compared without regard to letter case. */
  readonly title: string
  readonly serviceId: ServiceId
}

/** One practice calendar and what it serves. */
export interface CalendarPlan {
  /** The name of it in settings, unique in the facility; the journal knows it by this. */
  readonly name: string
  readonly practice: PracticeCalendar["Service"]
  /** The Bookio calendars whose reservations belong here. */
  readonly serves: ReadonlyArray<CalendarId>
  /** What a busy event does where a blocked time would close calendars that this one does not serve. */
  readonly busy: "off" | "hold"
  /** With `hold`: the hidden service of capacity 1 and the person that holds are made with. */
  readonly hold?: { readonly serviceId: ServiceId; readonly person: Person }
  readonly services: ReadonlyArray<ServiceRule>
  /** The owner's addresses as settings have them. The adapter judges by them; here they tell that this has changed. */
  readonly owner?: ReadonlyArray<string>
}

export interface FacilityPlan {
  readonly key: FacilityKey
  /** How messages name it. */
  readonly name: string
  readonly facilityId: FacilityId
  /** The identity of the database or server, and of the channel: what UIDs are made of (sync.md, "Whose event is it"). */
  readonly identity: string
  readonly channel: string
  readonly bookio: Bookio
  readonly calendars: ReadonlyArray<CalendarPlan>
  /** Whose value stands where both sides changed one. */
  readonly prefer: "bookio" | "practice"
  readonly onDelete: "cancel" | "restore" | "ask"
  /** What happens to a change of the practice that Bookio refuses. */
  readonly onRefusal: "keep" | "put-back"
  readonly details: "none" | "initials" | "full"
  /** Whether the text of the practice's events goes to Bookio. */
  readonly notes: boolean
  /** Whether tentative events block. */
  readonly tentative: boolean
  /** The language of texts that are written, and of a person's reservation. */
  readonly language: Language
  /** Reservations flow if they end after now minus these days. */
  readonly pastDays: number
  /**
   * For how many days the journal keeps what is settled (sync.md, "Journal"): items from the end of their term on, and no
   * shorter than they flow; resolved conflicts and passes from their beginning on, passes longer than the deletion budget counts.
   */
  readonly retentionDays: { readonly records: number; readonly conflicts: number; readonly passes: number }
  /** What one side may take away in 24 hours: this many UIDs, or this share of the links if that is more. */
  readonly deletionBudget: { readonly count: number; readonly percent: number }
  /** Requests in flight. */
  readonly concurrency: number
  /** Items that are taken from the journal, acted on and confirmed at once; 1,000 where left out. */
  readonly batch?: number
  /** How long a worker that is not heard of any more keeps others away, in milliseconds; beside what comes late of it. */
  readonly leaseMs: number
  /** The longest that one write takes on either side, in milliseconds; none is sent with less of the lease left. */
  readonly requestTimeoutMs: number
}

/**
 * How much of the lease is left when a write begins, and the longest that it takes with its repeats, in milliseconds: the
 * last request of it starts with its whole time-out left (sync.md, "Many facilities").
 *
 * @param requestTimeoutMs - the longest that one request takes.
 */
export const writeMs = (requestTimeoutMs: number): number => 2 * requestTimeoutMs

/** How long after a request without an answer its effect can still come (sync.md, "Unknown outcomes"). */
export const settleMs = 10_000

/** How far ahead recurring events are expanded, in days. */
export const horizonDays = 400
