/** All laws, by operation in the order of the reference, and which of them a run tries. */

import { type Law, operations } from "./Law.ts"
import { accessLaws, readerLaws as refusedToReaders } from "./laws/AccessLaws.ts"
import { blockedTimeLaws } from "./laws/BlockedTimeLaws.ts"
import { blockedTimeReadLaws } from "./laws/BlockedTimeReadLaws.ts"
import { bookingLaws } from "./laws/BookingLaws.ts"
import { calendarLaws } from "./laws/CalendarLaws.ts"
import { calendarReadLaws } from "./laws/CalendarReadLaws.ts"
import { clockChangeLaws } from "./laws/ClockChangeLaws.ts"
import { duplicateLaws } from "./laws/DuplicateLaws.ts"
import { eventLaws } from "./laws/EventLaws.ts"
import { facilityLaws } from "./laws/FacilityLaws.ts"
import { isolationLaws } from "./laws/IsolationLaws.ts"
import { languageLaws } from "./laws/LanguageLaws.ts"
import { reservationListLaws } from "./laws/ReservationListLaws.ts"
import { reservationReadLaws } from "./laws/ReservationReadLaws.ts"
import { slotLaws } from "./laws/SlotLaws.ts"
import { statusLaws } from "./laws/StatusLaws.ts"
import { syncLaws } from "./laws/SyncLaws.ts"
import { termLaws } from "./laws/TermLaws.ts"

const all: ReadonlyArray<Law> = [
  ...facilityLaws,
  ...calendarReadLaws,
  ...calendarLaws,
  ...reservationReadLaws,
  ...reservationListLaws,
  ...bookingLaws,
  ...duplicateLaws,
  ...languageLaws,
  ...statusLaws,
  ...termLaws,
  ...syncLaws,
  ...blockedTimeReadLaws,
  ...blockedTimeLaws,
  ...slotLaws,
  ...eventLaws,
  ...clockChangeLaws,
  ...isolationLaws,
  ...accessLaws
]

/** Every law of the contract, grouped by operation, those about success first, then by error code. */
export const laws: ReadonlyArray<Law> = operations.flatMap((operation) =>
  all.filter((law) => law.operation === operation).sort((a, b) => (a.code ?? 0) - (b.code ?? 0))
)

/** The laws that change nothing. */
export const readLaws: ReadonlyArray<Law> = laws.filter((law) => law.kind === "read")

/** The laws of what a caller that may only read is refused; a backend that only reads keeps these beside `readLaws`. */
export const readerLaws: ReadonlyArray<Law> = laws.filter((law) => refusedToReaders.includes(law))
