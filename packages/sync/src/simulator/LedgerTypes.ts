/** What the ledger of a run is told, what it asks of the world, and what it finds; who judges by it needs no more of it. */
import type { Mark } from "@bookio-kit/core/sync/Appointment"
import type { Side, SyncState, SyncTerm } from "@bookio-kit/core/sync/SyncState"
import type { ReservationRow, ServerWatcher } from "./BookioServer.ts"
import type { BudgetWatch } from "./BudgetWatch.ts"
import type { EventRow, PracticeWatcher } from "./PracticeServer.ts"

/** What a run can break. */
export type Invariant =
  | "lost"
  | "twice"
  | "settles"
  | "quiet"
  | "polite"
  | "proof"
  | "durable"
  | "invented"
  | "private"
  | "stops"
  | "defect"

export interface Violation {
  readonly invariant: Invariant
  readonly detail: string
}

export type Field = "term" | "status"

/** A change that a person made to one field of a reservation, on either side. */
export interface Edit {
  readonly reservation: number
  readonly side: Side
  readonly field: Field
  /** As text; an appointment that was removed has the status REMOVED. */
  readonly value: string
  readonly order: number
  /** The other side has shown it since: when, by the order of changes. */
  arrived: number | undefined
  /** The same side's people changed it again. */
  isSuperseded: boolean
  /** The journal has known it. */
  isStored: boolean
  /** When the sync was answered with what shows it, or something later. */
  readAt: number | undefined
  /** It went back to what both sides had agreed on: equal content is no change (sync.md, "A pass", 2). */
  readonly isReturn: boolean
}

export interface Ledger extends ServerWatcher {
  readonly practice: (calendar: string) => PracticeWatcher
  readonly violations: Array<Violation>
  readonly edits: Array<Edit>
  readonly fail: (invariant: Invariant, detail: string) => void
  /** The UID of the event that a reservation was made from, by the patient's address. */
  readonly origins: Map<number, string>
  /** UIDs whose text or shape the practice changed. */
  readonly touched: Set<string>
  /** UIDs whose events the journal has known to be there: what is gone before that was never there, for all that anyone can tell. */
  readonly known: Set<string>
  /** Where the journal has known events to be. */
  readonly placed: Set<string>
  /** Says that the sync was answered with this event. */
  readonly told: (uid: string) => void
  /** Says that someone allowed removals beyond the budget for a day. */
  readonly allow: () => void
  /** How many changes there have been. */
  readonly order: () => number
  /** Says that a pass ended well that had begun when there had been so many changes. */
  readonly passed: (order: number) => void
  /** UIDs whose etag was changed by whatever it was. */
  readonly rewritten: Set<string>
  /** Says that the sync is about to write to an event, and what the event showed until then. */
  readonly intended: (uid: string, from: SyncState, target: SyncState, reservation: number | undefined) => void
  /** The UIDs that the sync was ever about to write to for a reservation: an event that was removed gets another. */
  readonly uidsOf: (reservation: number) => ReadonlySet<string>
  /** Whether the sync was ever about to replace a value that an event showed. */
  readonly isReplaced: (uid: string, field: Field, value: string) => boolean
  /** UIDs of events whose reservations were lost with a state that the server was put back from. */
  readonly orphaned: ReadonlySet<string>
  /**
   * Says which reservations and blocked times a restored server lost, which events there are, and which UIDs are those
   * reservations': some of their events are made before anyone can tell that it was restored.
   */
  readonly restored: (
    reservations: ReadonlyArray<number>,
    uids: ReadonlyArray<string>,
    blocked: ReadonlyArray<number>,
    events: ReadonlyArray<EventRow>
  ) => void
  /** Says what the journal stores of an event. */
  readonly stored: (reservation: number, state: SyncState | undefined) => void
  /** Says that a write replaces an event as it was when there had been so many changes, whatever it is by now. */
  readonly replacing: (row: EventRow, since: number) => void
  /** Says that someone decided that a reservation is off, as the practice has it. */
  readonly calledOff: (reservation: number) => void
  /** Says that a write of the sync's comes about now that was sent when there had been so many changes. */
  readonly serving: (sentAt: number) => void
  /** Says that the sync is about to confirm a reservation. */
  readonly confirming: (reservation: number) => void
  /** Says that the sync was answered with rows of these reservations, as they were when there had been so many changes. */
  readonly listed: (reservations: ReadonlyArray<number>, order: number) => void
}

export interface LedgerOptions {
  readonly isOurMark: (uid: string, mark: Mark) => boolean
  /** A term as both sides can tell it. */
  readonly textOf: (term: SyncTerm) => string
  readonly holdEmail: string
  readonly notes: boolean
  readonly uidOfEmail: (email: string) => string | undefined
  readonly stateOf: (reservation: number) => ReservationRow | undefined
  readonly trace: (line: string) => void
  readonly budget: BudgetWatch
  /** The event of a reservation. */
  readonly uidOf: (reservation: number) => string | undefined
  /** Whether the practice has an event of this UID: one that is removed and is in another calendar was moved. */
  readonly isThere: (uid: string) => boolean
  /** What a side shows of a reservation now. */
  readonly shown: (reservation: number, side: Side, field: Field) => string | undefined
  /** The terms that an event takes in Bookio, as blocked times or holds. */
  readonly takes: (calendar: string, row: EventRow) => ReadonlyArray<string>
  /** Whether nothing but its own blocked time keeps an event's booking out. */
  readonly isInOwnWay: (uid: string, term: SyncTerm) => boolean
  /** Whether an event of this term asks for a reservation now: its blocked time goes first. */
  readonly asks: (term: string) => boolean
  /** How many more of this term the practice's events take now than there are in Bookio. */
  readonly lacks: (term: string) => number
}
