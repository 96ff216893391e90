/** What the seeds of servers under test are made of, here and in the gateway's tests. */
import type { Access } from "@bookio-kit/core/access/Caller"

interface Service {
  readonly id: number
  readonly name: string
  readonly duration: number
  readonly hiddenInOnlineForm?: boolean
}

/** A token or key by its name: long enough for a seed, and plain to see in a log that must not hold it. */
export const tokenOf = (name: string) => `token-of-${name}-${"x".repeat(40)}`

export const visit: Service = { id: 1, name: "Visit", duration: 30 }

const calendar = (key: string, services: ReadonlyArray<Service>) => ({
  key,
  name: `Calendar ${key}`,
  validFrom: "2026-01-01",
  validTo: "2035-12-31",
  services,
  intervals: [{ name: "Always", weekDays: [1, 2, 3, 4, 5, 6, 7], timeFrom: "00:00", timeTo: "24:00" }]
})

/** A facility with a calendar that is always open. */
export const facility = (key: string, services: ReadonlyArray<Service>) => ({
  key,
  name: `Facility ${key}`,
  address: { street: "Main 1", city: "Town", postcode: 82104, country: { name: "Slovakia", code: "SVK" } },
  contact: {},
  timeZone: "Europe/Bratislava",
  calendars: [calendar(key, services)]
})

/** A channel with a token for each access. */
export const channel = (name: string, facilities: ReadonlyArray<string>, accesses: ReadonlyArray<Access>) => ({
  name,
  facilities,
  tokens: accesses.map((access) => ({ token: tokenOf(`${name}-${access}`), access }))
})
