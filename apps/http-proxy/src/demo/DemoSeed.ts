/**
 * The seed that a demonstration starts with: three clinics in Slovakia and Czechia, a fortnight of reservations around a
 * day, and three channels that reach them all: the practice's software, the patients' web site, a sync worker. Assumes a
 * server on loopback, for its tokens can be guessed, and a day in the years 1901 to 9994, so that the calendars' days exist.
 */
import type { Seed } from "@bookio-kit/adapter-sql/seed/Seed"
import { type LocalDate, toEpochDay } from "@bookio-kit/core/time/LocalDate"
import type { Validity } from "./Clinic.ts"
import { dentalClinic } from "./DentalClinic.ts"
import * as Dice from "./Dice.ts"
import { fortnight } from "./Fortnight.ts"
import { generalPractice } from "./GeneralPractice.ts"
import { rehabilitation } from "./Rehabilitation.ts"

/**
 * Makes the demonstration: three clinics, made from a seed number, around a day. Same number and day: same seed, byte for
 * byte.
 *
 * Calendars are valid from 1 January of the year before `today` to 31 December five years after, both inclusive, in the
 * clinic's zone. Reservations reach from seven days before `today` to seven after; in the order of the list an engine
 * accepts all of them (engine.md rules 2 to 7), and then the blocked times, one of which clashes with a reservation of
 * the dental clinic on the next weekday (rule 4).
 */
export const demoSeed = (options: { readonly seed: number; readonly today: LocalDate }): typeof Seed.Encoded => {
  const year = Number(options.today.slice(0, 4))
  const validity: Validity = { validFrom: `${year - 1}-01-01`, validTo: `${year + 5}-12-31` }
  const facilities = [generalPractice, dentalClinic, rehabilitation].map((make) => {
    const clinic = make(validity)
    // Dice of its own for each clinic: what changes in one leaves the others as they are.
    const dice = Dice.make(`${options.seed}/${clinic.facility.key}`)
    return { ...clinic.facility, ...fortnight(clinic, toEpochDay(options.today), dice) }
  })
  const reached = facilities.map((facility) => facility.key)
  return {
    demo: true,
    facilities,
    channels: [
      {
        name: "cgm",
        facilities: reached,
        tokens: [
          { token: "demo", access: "write" },
          { token: "demo-admin", access: "admin" }
        ]
      },
      { name: "web", facilities: reached, tokens: [{ token: "demo-web", access: "write" }] },
      { name: "sync", facilities: reached, tokens: [{ token: "demo-sync", access: "write" }] }
    ]
  }
}
