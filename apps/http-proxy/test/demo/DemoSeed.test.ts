import { Seed } from "@bookio-kit/adapter-sql/seed/Seed"
import { requestProblems } from "@bookio-kit/core/calendar/CalendarRules"
import { LocalDate } from "@bookio-kit/core/time/LocalDate"
import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { demoSeed } from "../../src/demo/DemoSeed.ts"

// All of 2026 with both changes of clocks, and the turn of the year; another seed number each day.
const demonstrations = Array.from({ length: 400 }, (_, index) => {
  const today = dayText(Date.UTC(2026, 0, 1 + index))
  return { today, seed: demoSeed({ seed: index, today: LocalDate.make(today) }) }
})

const decode = Schema.decodeSync(Seed)

describe("demoSeed", () => {
  it("is a seed, and a demonstration", () => {
    for (const { seed } of demonstrations.filter((_, index) => index % 40 === 0)) {
      const decoded = decode(seed)
      assert.deepStrictEqual(
        decoded.facilities.map((facility) => facility.calendars.map(requestProblems)),
        decoded.facilities.map((facility) => facility.calendars.map(() => []))
      )
      assert.isTrue(decoded.demo)
    }
  })

  it("is the same for the same number and day, and another for another", () => {
    const made = (seed: number, today: string) => JSON.stringify(demoSeed({ seed, today: LocalDate.make(today) }))
    assert.strictEqual(made(7, "2026-03-29"), made(7, "2026-03-29"))
    assert.notStrictEqual(made(7, "2026-03-29"), made(8, "2026-03-29"))
    assert.notStrictEqual(made(7, "2026-03-29"), made(7, "2026-03-30"))
  })

  it("has three clinics, one of them with one calendar", () => {
    const { facilities } = demonstrations[0]!.seed
    assert.deepStrictEqual(
      facilities.map(({ key, calendars }) => [key, calendars.length]),
      [
        ["ordinacia-novak", 1],
        ["zubna-landererova", 2],
        ["rehabilitace-luzanky", 3]
      ]
    )
    assert.sameMembers(
      facilities.map((facility) => typeof facility.address.postcode),
      ["number", "string", "number"]
    )
    const services = facilities.flatMap((facility) => facility.calendars.flatMap((calendar) => calendar.services))
    assert.isTrue(services.some((service) => service.capacity === 8))
    assert.isTrue(services.some((service) => service.hiddenInOnlineForm === true))
    assert.isTrue(services.some((service) => service.referralLetter === true))
    assert.isTrue(services.every((service) => service.duration >= 10 && service.duration <= 60))
  })

  it("has three channels that reach all clinics with the documented tokens", () => {
    const facilities = ["ordinacia-novak", "zubna-landererova", "rehabilitace-luzanky"]
    assert.deepStrictEqual(demonstrations[0]!.seed.channels, [
      {
        name: "cgm",
        facilities,
        tokens: [
          { token: "demo", access: "write" },
          { token: "demo-admin", access: "admin" }
        ]
      },
      { name: "web", facilities, tokens: [{ token: "demo-web", access: "write" }] },
      { name: "sync", facilities, tokens: [{ token: "demo-sync", access: "write" }] }
    ])
  })

  it("opens the calendars from last year to five years ahead", () => {
    const { facilities } = demoSeed({ seed: 1, today: LocalDate.make("2028-02-29") })
    for (const { validFrom, validTo } of facilities.flatMap((facility) => facility.calendars)) {
      assert.deepStrictEqual([validFrom, validTo], ["2027-01-01", "2033-12-31"])
    }
  })

  it("MUST be accepted in its order by the booking rules, on any day", () => {
    for (const { seed, today } of demonstrations) {
      for (const facility of seed.facilities) {
        assert.deepStrictEqual(refusals(facility), [], `${facility.key} on ${today}`)
      }
    }
  })

  it("has reservations on both sides of today, and no absence ahead of it", () => {
    for (const { seed, today } of demonstrations) {
      const first = dayText(localMs(today) - 7 * dayMs)
      const last = dayText(localMs(today) + 7 * dayMs)
      for (const { key, reservations = [] } of seed.facilities) {
        const days = reservations.map((reservation) => reservation.dateFrom.slice(0, 10))
        const text = `${key} on ${today}`
        assert.isTrue(
          days.every((day) => day >= first && day <= last),
          text
        )
        assert.isTrue(days.some((day) => day < today) && days.some((day) => day > today), text)
        for (const { dateFrom, status, cancellationReason } of reservations) {
          if (status === "DID_NOT_COME") assert.isTrue(dateFrom.slice(0, 10) < today, text)
          assert.strictEqual(cancellationReason !== undefined, status === "CANCELLED", text)
        }
      }
      const rows = seed.facilities.flatMap((facility) => facility.reservations ?? [])
      assert.sameMembers([...new Set(rows.map((row) => row.status))], ["CONFIRMED", "CANCELLED", "DID_NOT_COME"])
      assert.sameMembers([...new Set(rows.map((row) => row.channel))], ["cgm", "web"])
      assert.isTrue(
        rows.every((row) => /^[a-z]+\.[a-z]+@example\.com$/.test(row.email)),
        today
      )
      assert.isTrue(
        rows.every((row) => /^\+(421 ?9|420 ?7)\d{8}$/.test(row.phone)),
        today
      )
    }
  })

  it("blocks times without a clash, but for one in the dental clinic on the next weekday", () => {
    for (const { seed, today } of demonstrations) {
      for (const { key, reservations = [], blockedTimes = [], calendars } of seed.facilities) {
        const ids = blockedTimes.map((blocked) => `${blocked.channel} ${blocked.externalId}`)
        assert.strictEqual(new Set(ids).size, 3, key)
        const clashes = reservations.filter((reservation) => {
          const [from, to] = termOf(calendars, reservation)
          return (
            reservation.status === "CONFIRMED" &&
            blockedTimes.some((blocked) => from < localMs(blocked.dateTo) && localMs(blocked.dateFrom) < to)
          )
        })
        const next = [1, 2, 3].map((n) => localMs(today) + n * dayMs).find((ms) => isoWeekday(ms) <= 5)!
        assert.deepStrictEqual(
          clashes.map((clash) => clash.dateFrom.slice(0, 10)),
          key === "zubna-landererova" ? [dayText(next)] : [],
          `${key} on ${today}`
        )
      }
    }
  })

  it("is about 60% full", () => {
    for (const key of [0, 1, 2]) {
      const shares = demonstrations.map(({ seed, today }) => fullness(seed.facilities[key]!, today))
      const mean = shares.reduce((a, b) => a + b) / shares.length
      assert.isTrue(mean > 0.55 && mean < 0.65, `${key}: ${mean}`)
      assert.isTrue(Math.min(...shares) > 0.4 && Math.max(...shares) < 0.8, `${key}: ${shares}`)
    }
  })

  it("has web patients book free slots of the online form only", () => {
    for (const { seed } of demonstrations) {
      for (const { reservations = [], calendars } of seed.facilities) {
        for (const row of reservations.filter((reservation) => reservation.channel === "web")) {
          const { service, intervals } = found(calendars, row)
          const minute = (localMs(row.dateFrom) % dayMs) / minuteMs
          assert.isNotTrue(service.hiddenInOnlineForm)
          assert.isTrue(
            intervals.some(
              ({ timeFrom, timeTo }) =>
                minutes(timeFrom) <= minute &&
                minute < minutes(timeTo) &&
                (minute - minutes(timeFrom)) % service.duration === 0
            )
          )
        }
      }
    }
  })
})

// A replay that shares nothing with core's rules: it counts on the wall clock, since clocks change on Sundays only and no
// clinic is open then.

type Facility = (typeof Seed.Encoded)["facilities"][number]
type Calendars = Facility["calendars"]
type Row = NonNullable<Facility["reservations"]>[number]

const minuteMs = 60_000
const stepMs = 5 * minuteMs
const dayMs = 1440 * minuteMs

function dayText(ms: number): string {
  return new Date(ms).toISOString().slice(0, 10)
}

const localMs = (text: string): number => Date.parse(text.length === 10 ? text : `${text}Z`)

const isoWeekday = (ms: number): number => new Date(ms).getUTCDay() || 7

const minutes = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3))

const found = (calendars: Calendars, row: Row) => {
  const calendar = calendars.find(({ key }) => key === row.calendar)!
  const service = calendar.services.find(({ id }) => id === row.serviceId)!
  const weekday = isoWeekday(localMs(row.dateFrom))
  const intervals = calendar.intervals.filter(
    ({ weekDays, allowedServices = [] }) =>
      weekDays.includes(weekday) && (allowedServices.length === 0 || allowedServices.includes(row.serviceId))
  )
  return { calendar, service, intervals }
}

const termOf = (calendars: Calendars, row: Row): readonly [number, number] => {
  const from = localMs(row.dateFrom)
  return [from, from + found(calendars, row).service.duration * minuteMs]
}

/** Makes the reservations one after the other and says which would be refused, and why. */
const refusals = ({ calendars, reservations = [] }: Facility): ReadonlyArray<string> => {
  const refused: Array<string> = []
  const ids = new Set<string>()
  const people = new Set<string>()
  // How many CONFIRMED reservations a calendar has in each five minutes, and what its smallest capacity there is.
  const used = new Map<string, { count: number; capacity: number }>()
  for (const row of reservations) {
    const { calendar, service, intervals } = found(calendars, row)
    const text = `${row.dateFrom} ${row.calendar} ${row.serviceId}`
    const [fromMs, toMs] = termOf(calendars, row)
    const day = row.dateFrom.slice(0, 10)
    if (day < calendar.validFrom || day > calendar.validTo) refused.push(`not valid: ${text}`)

    const id = `${row.channel} ${row.externalId}`
    if (ids.has(id)) refused.push(`externalId: ${text}`)
    ids.add(id)

    for (const contact of [row.email.toLowerCase(), row.phone.replace(/\D/g, "")]) {
      const person = `${text} ${row.name} ${row.surname} ${contact}`
      if (people.has(person)) refused.push(`person: ${text}`)
      people.add(person)
    }

    const capacity = service.capacity ?? 1
    const taken: Array<string> = []
    if (fromMs % stepMs !== 0 || toMs % stepMs !== 0) refused.push(`off the steps of this replay: ${text}`)
    for (let ms = fromMs; ms < toMs; ms += stepMs) {
      const minute = (ms % dayMs) / minuteMs
      const isOpen = intervals.some(({ timeFrom, timeTo }) => minutes(timeFrom) <= minute && minute < minutes(timeTo))
      if (!isOpen) refused.push(`closed: ${text}`)
      const before = used.get(`${row.calendar} ${ms}`) ?? { count: 0, capacity }
      if (before.count >= Math.min(before.capacity, capacity)) refused.push(`capacity: ${text}`)
      taken.push(`${row.calendar} ${ms}`)
    }
    // The change of its status follows at once, before the next one is made.
    if (row.status !== "CONFIRMED") continue
    for (const key of taken) {
      const before = used.get(key) ?? { count: 0, capacity }
      used.set(key, { count: before.count + 1, capacity: Math.min(before.capacity, capacity) })
    }
  }
  return refused
}

/** The share of the open minutes of a fortnight that were booked and not given up, places of a group counted each. */
const fullness = ({ calendars, reservations = [], blockedTimes = [] }: Facility, today: string): number => {
  const blocked = blockedTimes.map(({ dateFrom, dateTo }) => [localMs(dateFrom), localMs(dateTo)] as const)
  let open = 0
  for (const { intervals } of calendars) {
    for (let day = localMs(today) - 7 * dayMs; day <= localMs(today) + 7 * dayMs; day += dayMs) {
      for (const { timeFrom, timeTo } of intervals.filter(({ weekDays }) => weekDays.includes(isoWeekday(day)))) {
        for (let minute = minutes(timeFrom); minute < minutes(timeTo); minute += 5) {
          const ms = day + minute * minuteMs
          if (!blocked.some(([fromMs, toMs]) => fromMs <= ms && ms < toMs)) open += 5
        }
      }
    }
  }
  const booked = reservations
    .filter((row) => row.status !== "CANCELLED")
    .map((row) => found(calendars, row).service)
    .reduce((sum, { duration, capacity = 1 }) => sum + duration / capacity, 0)
  return booked / open
}
