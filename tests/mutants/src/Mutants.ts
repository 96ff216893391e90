/** All mutants. */
import { blockedTimeMutants } from "./BlockedTimeMutants.ts"
import { bookingMutants } from "./BookingMutants.ts"
import { calendarMutants } from "./CalendarMutants.ts"
import { callerMutants } from "./CallerMutants.ts"
import { changeMutants } from "./ChangeMutants.ts"
import type { Mutant } from "./Defect.ts"
import { eventMutants } from "./EventMutants.ts"
import { listingMutants } from "./ListingMutants.ts"
import { slotMutants } from "./SlotMutants.ts"

export const mutants: ReadonlyArray<Mutant> = [
  ...calendarMutants,
  ...listingMutants,
  ...bookingMutants,
  ...changeMutants,
  ...blockedTimeMutants,
  ...slotMutants,
  ...eventMutants,
  ...callerMutants
]
