import { assert, describe, it } from "@effect/vitest"
import { base, booking, type Client, clinic, idsOf, makeClient, type Row, seedOf, start } from "./Support.ts"

const services = [
  { name: "Hour", duration: 60, capacity: 1 },
  { name: "Night", duration: 180, capacity: 1 }
]
const seed = seedOf(clinic("Bratislava", "Europe/Bratislava", services), clinic("London", "Europe/London", services))
const years = Array.from({ length: 10 }, (_, index) => 2026 + index)

// Both zones change at 01:00 UTC on the last Sundays of March and October (Directive 2000/84/EC; the UK kept the rule).
const lastSunday = (year: number, month: 3 | 10) => {
  const last = new Date(Date.UTC(year, month, 0))
  last.setUTCDate(last.getUTCDate() - last.getUTCDay())
  return last.toISOString().slice(0, 10)
}
const plusDays = (day: string, days: number) =>
  new Date(Date.parse(`${day}T00:00:00Z`) + days * 86_400_000).toISOString().slice(0, 10)

const places = [
  { name: "Bratislava", hour: 2, summer: "+02:00", winter: "+01:00" },
  { name: "London", hour: 1, summer: "+01:00", winter: "+00:00" }
] as const

const at = (day: string, hour: number, minute = 0) =>
  `${day}T${String(hour).padStart(2, "0")}:${String(minute).padStart(2, "0")}:00`

/** The ends of a listed row. */
const term = ({ dateFrom, dateFromOffset, dateTo, dateToOffset, duration }: Row) => ({
  from: dateFrom + (dateFromOffset ?? ""),
  to: dateTo + (dateToOffset ?? ""),
  duration
})

const open = async (place: string) => {
  const proxy = await start({ seed })
  const client = makeClient(proxy.url)
  const ids = await idsOf(client)
  const facility = ids.facility(place)
  const hour = await ids.service(place, "Hour")
  const night = await ids.service(place, "Night")
  return { client, facility, hour, night, ...bookings(client, facility) }
}

const taken = { code: 30 }

let persons = 0

/** Books, and tells the error code or how the new reservation is listed. */
const bookings = (client: Client, facility: number) => {
  const book = async (service: number, dateFrom: string, dateFromOffset?: string) => {
    persons += 1
    const body = booking(persons, facility, service, dateFrom)
    const { result, text } = await client.send("POST", `${base}/reservations`, {
      ...body,
      ...(dateFromOffset === undefined ? {} : { dateFromOffset })
    })
    // The text of a validation error begins with the field that it is about.
    if (result.errorCode === 10) return { code: 10, fields: result.errors?.map((error) => error.split(":")[0]) }
    if (!result.success) return { code: result.errorCode }
    const [row] = await client.all(`/reservations?email=${body.email}`, "reservations")
    assert.isDefined(row, text)
    return term(row as Row)
  }
  const slots = async (service: number, day: string) => {
    const path = `/ext/v1/slots?facilityId=${facility}&serviceId=${service}&from=${day}&to=${day}`
    const { result, text } = await client.send("GET", path)
    assert.isTrue(result.success, text)
    return result.data?.slots ?? []
  }
  const listed = async (day: string) =>
    (await client.all(`/reservations?facilityId=${facility}&from=${day}&to=${day}`, "reservations")).map(
      ({ dateFrom }) => dateFrom
    )
  return { book, slots, listed }
}

// Slots start at now: of a day that is over there are none, and today's depend on the hour.
const today = new Date().toISOString().slice(0, 10)

describe.each(places)("clock changes in $name, 2026 to 2035", ({ hour: h, name, summer, winter }) => {
  it("MUST refuse the gap with 10, and count elapsed minutes over it", { timeout: 60_000 }, async () => {
    const { book, hour, night } = await open(name)
    for (const year of years) {
      const day = lastSunday(year, 3)
      for (const minute of [0, 30, 59]) {
        assert.deepStrictEqual(await book(hour, at(day, h, minute)), { code: 10, fields: ["dateFrom"] })
      }
      assert.deepStrictEqual(await book(hour, at(day, h, 30), winter), { code: 10, fields: ["dateFrom"] })
      assert.deepStrictEqual(await book(hour, at(day, h - 1, 30)), {
        from: at(day, h - 1, 30),
        to: at(day, h + 1, 30),
        duration: 60
      })
      assert.deepStrictEqual(await book(hour, at(day, h + 1, 0)), taken)
      assert.deepStrictEqual(await book(night, at(plusDays(day, -1), 23, 30)), taken)
      assert.deepStrictEqual(await book(night, at(day, h + 1, 30)), {
        from: at(day, h + 1, 30),
        to: at(day, h + 4, 30),
        duration: 180
      })
    }
  })

  it("MUST tell the two passes of the repeated hour by their offset", { timeout: 60_000 }, async () => {
    const { book, client, facility, hour, listed } = await open(name)
    for (const year of years) {
      const day = lastSunday(year, 10)
      const text = at(day, h, 30)
      const first = { from: text, to: `${text}${winter}`, duration: 60 }
      const second = { from: `${text}${winter}`, to: at(day, h + 1, 30), duration: 60 }
      assert.deepStrictEqual(await book(hour, text, "+05:00"), { code: 10, fields: ["dateFromOffset"] })
      if (year % 2 === 0) assert.deepStrictEqual(await book(hour, text), first, "no offset means the first pass")
      else assert.deepStrictEqual(await book(hour, text, summer), first)
      assert.deepStrictEqual(await book(hour, text, winter), second, "the second pass abuts the first")
      assert.deepStrictEqual(await book(hour, text, winter), taken)
      assert.deepStrictEqual(await book(hour, text), taken)
      // An instant with an offset is converted to the facility's zone.
      assert.deepStrictEqual(await book(hour, `${day}T${h === 2 ? "03:30:00+02:00" : "02:30:00+01:00"}`), taken)
      assert.deepStrictEqual(await listed(day), [text, text])
      const [row] = (
        await client.all(`/reservations?facilityId=${facility}&from=${day}&to=${day}`, "reservations")
      ).filter(({ dateFromOffset }) => dateFromOffset === undefined)
      const later = { dateFrom: text, dateFromOffset: winter, dateTo: at(day, h + 2, 30) }
      const moved = await client.send("PUT", `${base}/reservations/${row?.id}/term`, later)
      assert.strictEqual(moved.result.errorCode, 30, "a move into the second pass meets who is there")
    }
  })

  it("MUST offer 23, 24 and 25 hours", { timeout: 60_000 }, async () => {
    const { book, hour, slots } = await open(name)
    for (const year of years) {
      const spring = lastSunday(year, 3)
      const autumn = lastSunday(year, 10)
      const days = [
        [plusDays(spring, -1), 24],
        [spring, 23],
        [plusDays(spring, 1), 24],
        [autumn, 25],
        [plusDays(autumn, 1), 24]
      ] as const
      for (const [day, hours] of days) {
        if (day === today || plusDays(day, 1) === today || plusDays(day, -1) === today) continue
        const offered = await slots(hour, day)
        assert.strictEqual(offered.length, day < today ? 0 : hours, day)
        assert.isTrue(offered.every(({ free }) => free === 1))
      }
      if (autumn <= plusDays(today, 1)) continue
      const offered = await slots(hour, autumn)
      const repeated = offered.filter(({ dateFrom }) => dateFrom === at(autumn, h))
      assert.deepStrictEqual(
        repeated.map(({ dateFromOffset }) => dateFromOffset),
        [undefined, winter]
      )
      // What is offered is accepted, the second pass included, and is offered no more.
      const { dateFrom, dateFromOffset } = repeated[1]!
      assert.deepInclude(await book(hour, dateFrom, dateFromOffset), { from: `${dateFrom}${winter}` })
      const left = await slots(hour, autumn)
      assert.deepStrictEqual(
        left.filter((slot) => slot.dateFrom === dateFrom).map((slot) => slot.dateFromOffset),
        [undefined]
      )
      assert.strictEqual(left.length, 24)
    }
  })

  it("MUST book over midnight and the end of the year, and list by the day of the start", {
    timeout: 60_000
  }, async () => {
    const { book, hour, listed } = await open(name)
    for (const year of years) {
      const eve = `${year}-12-31`
      const newYear = `${year + 1}-01-01`
      assert.deepStrictEqual(await book(hour, at(eve, 23, 30)), {
        from: at(eve, 23, 30),
        to: at(newYear, 0, 30),
        duration: 60
      })
      assert.deepStrictEqual(await book(hour, newYear), taken)
      assert.deepStrictEqual(await book(hour, at(newYear, 0, 30)), {
        from: at(newYear, 0, 30),
        to: at(newYear, 1, 30),
        duration: 60
      })
      assert.deepStrictEqual(await book(hour, at(eve, 22, 30)), {
        from: at(eve, 22, 30),
        to: at(eve, 23, 30),
        duration: 60
      })
      const midsummer = `${year}-06-30`
      assert.deepStrictEqual(await book(hour, midsummer), {
        from: at(midsummer, 0),
        to: at(midsummer, 1),
        duration: 60
      })
      assert.deepStrictEqual(await book(hour, at(midsummer, 23)), {
        from: at(midsummer, 23),
        to: at(plusDays(midsummer, 1), 0),
        duration: 60
      })
      assert.sameMembers([...(await listed(eve))], [at(eve, 23, 30), at(eve, 22, 30)])
      assert.deepStrictEqual(await listed(newYear), [at(newYear, 0, 30)])
      assert.sameMembers([...(await listed(midsummer))], [at(midsummer, 0), at(midsummer, 23)])
      assert.deepStrictEqual(await listed(plusDays(midsummer, 1)), [])
    }
  })
})
