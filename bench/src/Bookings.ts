/** Reservations to be made, each on a slot of its own: the same for every contender. */

/** A service that is open round the clock, with slots of five minutes. */
export interface Booking {
  readonly facilityId: number
  readonly serviceId: number
}

// Hours without a clock change, from 06:00 to 22:00, and days on which nothing is booked yet.
const slotMinutes = 5
const slotsPerDay = (16 * 60) / slotMinutes
const firstDayMs = Date.UTC(2030, 0, 1)
const dayMs = 86_400_000

/** The first external id of them; those of the reservations that are there lie below. */
export const firstExternalId = 1_000_000_000

/** The body of the request that makes one, by its number. */
export const bookingOf = (services: ReadonlyArray<Booking>, number: number) => {
  const service = services[number % services.length] as Booking
  const slot = Math.floor(number / services.length)
  const atMs =
    firstDayMs + Math.floor(slot / slotsPerDay) * dayMs + (6 * 60 + (slot % slotsPerDay) * slotMinutes) * 60_000
  return {
    name: "Jana",
    surname: `Nováková ${number}`,
    email: `jana.novakova.${number}@example.com`,
    phone: `+4219${String(10_000_000 + number)}`,
    dateFrom: new Date(atMs).toISOString().slice(0, 19),
    locale: "sk",
    externalId: firstExternalId + number,
    note: "Prosím o potvrdenie telefonicky.",
    ...service
  }
}
