/**
 * What the demonstration knows of a clinic: the facility as the seed writes it, and the plan from which its fortnight of
 * reservations is made. Assumes that all opening hours lie within Monday to Friday, and keeps no public holidays.
 */
import type { Seed } from "@bookio-kit/adapter-sql/seed/Seed"

/** A facility as a seed writes it. */
export type FacilitySeed = (typeof Seed.Encoded)["facilities"][number]

/** A reservation as a seed writes it. */
export type ReservationSeed = NonNullable<FacilitySeed["reservations"]>[number]

/** A blocked time as a seed writes it. */
export type BlockedTimeSeed = NonNullable<FacilitySeed["blockedTimes"]>[number]

type CalendarSeed = FacilitySeed["calendars"][number]

/** A service whose id is given, since reservations name it. */
export type DemoService = CalendarSeed["services"][number] & { readonly id: number }

/** A calendar as a seed writes it, all of its services with an id. */
export type DemoCalendar = Omit<CalendarSeed, "services"> & { readonly services: ReadonlyArray<DemoService> }

/** The first and the last day of the calendars, "YYYY-MM-DD", both inclusive. */
export interface Validity {
  readonly validFrom: string
  readonly validTo: string
}

/**
 * A blocked time: `[from, to)`, "HH:mm" up to "24:00", on the n-th weekday (Monday to Friday) after today, or before it
 * where n is negative; from -5 to 5 these are days of the fortnight.
 */
export interface Block {
  readonly weekday: number
  readonly from: string
  readonly to: string
  readonly note: string
  /** The service of a reservation that starts with the blocked time, and so clashes with it; none: no reservation does. */
  readonly over?: { readonly calendar: string; readonly serviceId: number }
}

/** A clinic of the demonstration: its facility, the language of its staff and of most patients, and its blocked times. */
export interface Clinic {
  readonly locale: "sk" | "cs"
  readonly facility: Pick<FacilitySeed, "key" | "name" | "address" | "contact" | "timeZone"> & {
    readonly calendars: ReadonlyArray<DemoCalendar>
  }
  readonly blocks: ReadonlyArray<Block>
}
