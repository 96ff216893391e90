/** Wall-clock times on the wire: what a request may write, the repeated hour and the gap (api.md, "Scalars"). */
import { afterAll, beforeAll, expect, it } from "vitest"
import { type ProxyProcess, startProxy } from "../../src/Proxy.ts"
import { booking, caller, seed, somebody } from "./Support.ts"

let proxy: ProxyProcess
const call = caller(() => proxy.url)

beforeAll(async () => {
  proxy = await startProxy({ seed })
})
afterAll(() => proxy.stop())

type Row = { readonly [member: string]: unknown }

const termOf = ({ dateFrom, dateFromOffset, dateTo, dateToOffset, duration }: Row) => [
  `${dateFrom}${dateFromOffset ?? ""}`,
  `${dateTo}${dateToOffset ?? ""}`,
  duration
]

const rowOf = async (email: string) => {
  const { data = {} } = (await call("GET", `/reservations?email=${email}`)).result
  const [row] = data.reservations as ReadonlyArray<Row>
  return row ?? {}
}

const book = async (dateFrom: string, change: Row = {}) => {
  const given = booking(dateFrom, change)
  const made = await call("POST", "/reservations", given)
  expect(made.result.errors).toBeUndefined()
  return { id: made.result.data?.reservationId as number, email: given.email, term: termOf(await rowOf(given.email)) }
}

const errorsOf = async (dateFrom: string, change: Row = {}) => {
  const answer = await call("POST", "/reservations", booking(dateFrom, change))
  expect(answer.result.errorCode).toBe(10)
  return answer.result.errors
}

it("a request may write a day, minutes, seconds, or RFC 3339 with its offset", async () => {
  for (const [given, from, to] of [
    ["2033-01-03", "2033-01-03T00:00:00", "2033-01-03T00:30:00"],
    ["2033-01-03T10:00", "2033-01-03T10:00:00", "2033-01-03T10:30:00"],
    ["2033-01-03T11:00:30", "2033-01-03T11:00:30", "2033-01-03T11:30:30"],
    ["2033-01-03T12:00:00Z", "2033-01-03T13:00:00", "2033-01-03T13:30:00"],
    ["2033-01-03T12:00:00.999-05:00", "2033-01-03T18:00:00", "2033-01-03T18:30:00"],
    ["2033-07-04T12:00:00+05:45", "2033-07-04T08:15:00", "2033-07-04T08:45:00"],
    ["2032-12-31T23:45:00", "2032-12-31T23:45:00", "2033-01-01T00:15:00"]
  ] as const) {
    expect((await book(given)).term, given).toEqual([from, to, 30])
  }
  for (const given of [
    "2033-1-3",
    "2033-01-03 10:00",
    "2033-01-03t10:00:00z",
    "2033-01-03T24:00:00",
    "2033-01-03T10",
    "2033-01-03T10:00+01:00",
    "2033-02-29",
    "20330103",
    "2033-01-03T10:00:60",
    "+02033-01-03",
    "",
    "now"
  ]) {
    expect(await errorsOf(given), given).toEqual([
      "dateFrom: must be a time that exists, written as YYYY-MM-DDTHH:mm:ss, or an RFC 3339 time with its offset"
    ])
  }
})

it("the repeated hour: two instants of one text are two reservations, told apart by Offset", async () => {
  // Bratislava, 2033-10-30: 03:00 +02:00 becomes 02:00 +01:00.
  const first = await book("2033-10-30T02:15:00")
  expect(first.term).toEqual(["2033-10-30T02:15:00", "2033-10-30T02:45:00", 30])
  const second = await book("2033-10-30T02:15:00", { dateFromOffset: "+01:00" })
  expect(second.term).toEqual(["2033-10-30T02:15:00+01:00", "2033-10-30T02:45:00+01:00", 30])
  const full = await call("POST", "/reservations", booking("2033-10-30T02:15:00", { dateFromOffset: "+02:00" }))
  expect(full.result.errorCode).toBe(30)
  // From the first pass into the second.
  expect((await book("2033-10-30T00:45:00Z")).term).toEqual(["2033-10-30T02:45:00", "2033-10-30T02:15:00+01:00", 30])
  // An instant in UTC is its own pass.
  expect((await book("2033-10-30T01:45:00Z")).term).toEqual(["2033-10-30T02:45:00+01:00", "2033-10-30T03:15:00", 30])
  expect(await errorsOf("2033-10-30T02:15:00", { dateFromOffset: "+03:00" })).toEqual([
    "dateFromOffset: is not an offset that the facility's time zone has at that time"
  ])
})

it("a move into the repeated hour takes both Offsets, and without them the earliest reading that fits", async () => {
  const { email, id } = await book("2034-10-29T12:00:00")
  const moved = async (change: Row) => {
    const answer = await call("PUT", `/reservations/${id}/term`, change)
    expect(answer.result.errors).toBeUndefined()
    return termOf(await rowOf(email))
  }
  const [from, to] = ["2034-10-29T02:30:00", "2034-10-29T02:30:00"]
  // The first pass, and the earliest reading after it: the second pass of the same text, an hour later.
  expect(await moved({ dateFrom: from, dateTo: to })).toEqual([from, `${to}+01:00`, 60])
  expect(
    await moved({ dateFrom: from, dateTo: "2034-10-29T02:40:00", dateFromOffset: "+01:00", dateToOffset: "+01:00" })
  ).toEqual([`${from}+01:00`, "2034-10-29T02:40:00+01:00", 10])
  const turned = await call("PUT", `/reservations/${id}/term`, {
    dateFrom: from,
    dateTo: to,
    dateFromOffset: "+01:00",
    dateToOffset: "+02:00"
  })
  expect(turned.result.errors).toEqual(["dateTo: must be after dateFrom"])
})

it("a time in the gap is code 10, also of a blocked time; one given with its offset is its instant", async () => {
  const gap = "does not exist on that day: clocks go forward over it"
  expect(await errorsOf("2033-03-27T02:30")).toEqual([`dateFrom: ${gap}`])
  expect(await errorsOf("2033-03-27T01:30", { facilityId: 2, serviceId: 5 })).toEqual([`dateFrom: ${gap}`])
  const blocked = { externalId: somebody().externalId, note: "", facilityId: 1 }
  const answer = await call("POST", "/blocked-times", {
    ...blocked,
    dateFrom: "2033-03-27T02:10",
    dateTo: "2033-03-27T02:50"
  })
  expect(answer.result.errors).toEqual([`dateFrom: ${gap}`, `dateTo: ${gap}`])
  expect((await book("2033-03-27T01:45")).term).toEqual(["2033-03-27T01:45:00", "2033-03-27T03:15:00", 30])
  expect((await book("2033-03-27T02:30:00+01:00")).term).toEqual(["2033-03-27T03:30:00", "2033-03-27T04:00:00", 30])
})

it("each facility has its own clock, and a blocked day ends with its day", async () => {
  expect((await book("2033-06-01T12:00:00Z", { facilityId: 2, serviceId: 5 })).term[0]).toBe("2033-06-01T13:00:00")
  const made = await call("POST", "/blocked-times", {
    dateFrom: "2033-10-30",
    dateTo: "2033-10-30",
    externalId: somebody().externalId,
    note: "The day of 25 hours",
    facilityId: 2
  })
  expect(made.result.success).toBe(true)
  const listed = await call("GET", "/blocked-times?facilityId=2&dateFrom=2033-10-30&dateTo=2033-10-30")
  expect(listed.result.data?.blockedTimes).toMatchObject([
    { dateFrom: "2033-10-30T00:00:00", dateTo: "2033-10-31T00:00:00" }
  ])
})
