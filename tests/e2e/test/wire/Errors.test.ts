/** Every error code that the engine can raise, the order of checks, and the texts, as they stand on the wire (api.md, "Errors"). */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type ProxyProcess, startProxy } from "../../src/Proxy.ts"
import { basePath, booking, caller, seed, send, somebody, tokens } from "./Support.ts"

let proxy: ProxyProcess
const call = caller(() => proxy.url)

beforeAll(async () => {
  proxy = await startProxy({ seed })
})
afterAll(() => proxy.stop())

const refused = async (code: number, status: number, ...request: Parameters<typeof call>) => {
  const answer = await call(...request)
  expect([answer.result.errorCode, answer.status], answer.text).toEqual([code, status])
  return answer
}

const create = async (dateFrom: string, change: { readonly [member: string]: unknown } = {}, token?: string) => {
  const answer = await call("POST", "/reservations", booking(dateFrom, change), token === undefined ? {} : { token })
  expect(answer.result.success, answer.text).toBe(true)
  return answer.result.data?.reservationId as number
}

describe("every error code that the engine can raise", () => {
  it("20 for no token, an unknown one, an expired one, another scheme", async () => {
    for (const [authorization, text] of [
      [undefined, "A Bearer token is required"],
      ["Bearer", "A Bearer token is required"],
      [`Basic ${tokens.write}`, "A Bearer token is required"],
      [tokens.write, "A Bearer token is required"],
      ["Bearer nobody", "The token is not valid"],
      [`Bearer ${tokens.write}x`, "The token is not valid"],
      [`Bearer ${tokens.expired}`, "The token is not valid"]
    ] as const) {
      const headers = authorization === undefined ? {} : { authorization }
      const answer = await refused(20, 401, "GET", "/facilities/cgm", undefined, { token: null, headers })
      expect(answer.headers["www-authenticate"]).toBe('Bearer realm="bookio"')
      expect(answer.result.errors).toEqual([text])
    }
  })

  it("takes the scheme in any letter case", async () => {
    const answer = await call("GET", "/facilities/cgm", undefined, {
      token: null,
      headers: { authorization: `bEARER ${tokens.write}` }
    })
    expect(answer.status).toBe(200)
  })

  it("404 for no such path and for a wrong method", async () => {
    await refused(404, 404, "GET", "/facilities")
    await refused(404, 404, "GET", "/calendars/1")
    await refused(404, 404, "POST", "/facilities/cgm", {})
    await refused(404, 404, "PATCH", "/reservations/1/status", {})
    await refused(404, 404, "DELETE", "/reservations/1")
  })

  it("12 for what is not there and for what another channel has", async () => {
    const foreign = await create("2031-01-06T10:00", { facilityId: 3, serviceId: 8 }, tokens.foreign)
    for (const id of [foreign, 999_999]) {
      await refused(12, 400, "PUT", `/reservations/${id}/status`, { status: "CANCELLED" })
      await refused(12, 400, "PUT", `/reservations/${id}/term`, {})
      await refused(12, 400, "PUT", `/reservations/${id}/sync`, {})
    }
    for (const id of [4, 999_999]) {
      await refused(12, 400, "PUT", `/calendars/${id}`, {})
      await refused(12, 400, "PUT", `/calendars/${id}/end`, {})
    }
    await refused(12, 400, "PUT", "/blocked-times/999999/term", {})
    await refused(12, 400, "DELETE", "/blocked-times/999999")
    for (const serviceId of [8, 999_999]) {
      await refused(12, 400, "POST", "/reservations", booking("2031-01-06T10:00", { serviceId }))
    }
    await refused(12, 400, "GET", "/ext/v1/slots?facilityId=1&serviceId=8&from=2031-01-06&to=2031-01-06")
  })

  it("30 for a full slot and for a blocked time", async () => {
    await create("2031-01-07T10:00")
    const full = await refused(30, 400, "POST", "/reservations", booking("2031-01-07T10:15"))
    expect(full.result.errors).toEqual(["There is no capacity left at that time"])
    const blocked = { dateFrom: "2031-01-08", dateTo: "2031-01-08", externalId: 1, note: "", facilityId: 1 }
    const made = await call("POST", "/blocked-times", blocked)
    const answer = await refused(30, 400, "POST", "/reservations", booking("2031-01-08T23:30"))
    expect(answer.result.errors).toEqual(["The time is blocked"])
    await call("DELETE", `/blocked-times/${made.result.data?.blockedTimeId}`)
    await create("2031-01-08T23:30")
  })

  it("40 for the same externalId, a late retry and the same person, with the id", async () => {
    const person = { ...somebody(), facilityId: 1, serviceId: 2 }
    const reservationId = await create("2031-01-09T10:00", person)
    const other = { ...somebody(), facilityId: 1, serviceId: 2, dateFrom: "2031-01-09T14:00" }
    const sameId = await refused(40, 400, "POST", "/reservations", { ...other, externalId: person.externalId })
    expect(sameId.result.data).toEqual({ reservationId })
    const samePerson = await refused(40, 400, "POST", "/reservations", {
      ...person,
      dateFrom: "2031-01-09T10:00",
      externalId: other.externalId
    })
    expect(samePerson.result.data).toEqual({ reservationId })
    await call("PUT", `/reservations/${reservationId}/status`, { status: "CANCELLED" })
    const late = await refused(40, 400, "POST", "/reservations", { ...person, dateFrom: "2031-01-09T10:00" })
    expect(late.result.data).toEqual({ reservationId })

    const blocked = { dateFrom: "2031-01-10", dateTo: "2031-01-10", externalId: 2, note: "", facilityId: 1 }
    const made = await call("POST", "/blocked-times", blocked)
    const again = await refused(40, 400, "POST", "/blocked-times", { ...blocked, dateTo: "2031-01-11" })
    expect(again.result.data).toEqual({ blockedTimeId: made.result.data?.blockedTimeId })
  })

  it("40 without the id for a token that only books and another channel's reservation", async () => {
    const person = { ...somebody(), facilityId: 1, serviceId: 2 }
    await create("2031-01-13T10:00", person, tokens.web)
    const answer = await refused(
      40,
      400,
      "POST",
      "/reservations",
      { ...person, dateFrom: "2031-01-13T10:00" },
      { token: tokens.book }
    )
    expect(answer.result.data).toBeUndefined()
  })

  it("403 for a foreign facility named outright, and for what a token may not do", async () => {
    for (const [method, path, json] of [
      ["GET", "/calendars?facilityId=3"],
      ["GET", "/reservations?facilityId=3"],
      ["GET", "/blocked-times?facilityId=999999"],
      ["GET", "/ext/v1/slots?facilityId=3&serviceId=8&from=2031-01-06&to=2031-01-06"],
      ["POST", "/reservations", booking("2031-01-06T10:00", { facilityId: 3, serviceId: 8 })],
      ["PUT", "/calendars/1/end", { facilityId: 3 }]
    ] as const) {
      const answer = await refused(403, 403, method, path, json)
      expect(answer.result.errors).toEqual(["facilityId: this token does not reach that facility"])
    }
    const denied = await refused(403, 403, "PUT", "/reservations/1/sync", {}, { token: tokens.read })
    expect(denied.result.errors).toEqual(["This token is not allowed to do that"])
  })

  it("10 for the booking rules: the opening, a turned term, a change that is not allowed, an externalId not known", async () => {
    const closed = await refused(10, 400, "POST", "/reservations", booking("2031-01-11T10:00", { serviceId: 4 }))
    expect(closed.result.errors).toEqual(["dateFrom: lies outside the opening hours of the calendar"])
    const id = await create("2031-01-14T10:00")
    const turned = { dateFrom: "2031-01-14T12:00", dateTo: "2031-01-14T12:00" }
    expect((await refused(10, 400, "PUT", `/reservations/${id}/term`, turned)).result.errors).toEqual([
      "dateTo: must be after dateFrom"
    ])
    await call("PUT", `/reservations/${id}/status`, { status: "CANCELLED" })
    expect(
      (await refused(10, 400, "PUT", `/reservations/${id}/status`, { status: "DID_NOT_COME" })).result.errors
    ).toEqual(["status: cannot change from CANCELLED to DID_NOT_COME"])
    const moved = await refused(10, 400, "PUT", `/reservations/${id}/term`, { dateFrom: "2031-01-14T12:00" })
    expect(moved.result.errors).toHaveLength(1)
    const unknown = await refused(10, 400, "PUT", `/reservations/${id}/sync`, {}, { token: tokens.web })
    expect(unknown.result.errors).toEqual(["externalId: is required, as this channel has not told one before"])
  })
})

describe("what bad input gets: code 10, one text for each problem, all at once, nothing written", () => {
  const valid = booking("2031-02-03T10:00")
  const total = async () =>
    ((await call("GET", "/reservations")).result.data as { pagination: { total: number } }).pagination.total

  for (const [what, change, errors] of [
    ["a wrong type", { name: 7 }, ["name: must be a text"]],
    ["a missing member", { name: undefined }, ["name: is required"]],
    ["null", { phone: null }, ["phone: must be a text"]],
    ["an id of 2^60", { facilityId: 2 ** 60 }, ["facilityId: must be a whole number from 1 to 9007199254740991"]],
    ["an id of 1.5", { externalId: 1.5 }, ["externalId: must be a whole number from 1 to 9007199254740991"]],
    ["an id as text", { serviceId: "1" }, ["serviceId: must be a whole number from 1 to 9007199254740991"]],
    ["an empty name", { name: " \t" }, ["name: must not be empty"]],
    ["a name of 101 characters", { surname: "x".repeat(101) }, ["surname: must have at most 100 characters"]],
    ["a name of 10,000 characters", { name: "x".repeat(10_000) }, ["name: must have at most 100 characters"]],
    ["an email that is none", { email: "john@" }, ["email: must be an e-mail address such as name@example.com"]],
    [
      "a phone that is none",
      { phone: "12" },
      ["phone: must be a phone number: an optional +, then 7 to 15 digits, with spaces, -, /, ( and ) allowed"]
    ],
    ["U+0000", { note: "a\u0000b" }, ["note: must not hold the character U+0000 or half of a surrogate pair"]],
    ["a lone surrogate", { note: "a\ud800" }, ["note: must not hold the character U+0000 or half of a surrogate pair"]],
    ["a note of 2,001 characters", { note: "x".repeat(2001) }, ["note: must have at most 2000 characters"]],
    [
      "31 February",
      { dateFrom: "2031-02-31T10:00:00" },
      ["dateFrom: must be a time that exists, written as YYYY-MM-DDTHH:mm:ss, or an RFC 3339 time with its offset"]
    ],
    ["a locale of three letters", { locale: "svk" }, ["locale: must be a language of two letters a to z, such as sk"]],
    ["an offset that is none", { dateFromOffset: "1" }, ["dateFromOffset: must be an offset from UTC such as +01:00"]],
    [
      "a time in the spring gap",
      { dateFrom: "2031-03-30T02:30" },
      ["dateFrom: does not exist on that day: clocks go forward over it"]
    ],
    [
      "an offset that does not fit",
      { dateFromOffset: "+05:00" },
      ["dateFromOffset: is not an offset that the facility's time zone has at that time"]
    ]
  ] as const) {
    it(what, async () => {
      const before = await total()
      const answer = await refused(10, 400, "POST", "/reservations", { ...valid, ...change })
      expect(answer.result.errors).toEqual(errors)
      expect(await total()).toBe(before)
    })
  }

  it("10 for an id of any length that is none", async () => {
    for (const id of ["0", "-1", "1.5", "abc", "9".repeat(17), "9".repeat(5000)]) {
      const answer = await refused(10, 400, "PUT", `/calendars/${id}/end`, {})
      expect(answer.result.errors).toEqual(["calendarId: must be a whole number from 1 to 9007199254740991"])
    }
  })

  it("10 before 12 for an offset without its time", async () => {
    for (const path of ["/reservations/9007199254740991/term", "/blocked-times/9007199254740991/term"]) {
      const answer = await refused(10, 400, "PUT", path, { dateFromOffset: "+01:00", dateToOffset: "+01:00" })
      expect(answer.result.errors).toEqual(["dateFrom: is required", "dateTo: is required"])
    }
  })

  it("several problems of path, query and body at once", async () => {
    const answer = await refused(10, 400, "PUT", "/calendars/x?lang=en&lang=sk", {
      name: "",
      services: [{ name: "S", duration: 0 }],
      intervals: []
    })
    expect(answer.result.errors).toEqual([
      "calendarId: must be a whole number from 1 to 9007199254740991",
      "lang: must be given only once",
      "name: must not be empty",
      "services[0].duration: must be a whole number from 1 to 1440",
      "intervals: must not be empty"
    ])
  })

  it("queries: offset, limit, status, days, booleans, numbers, repeats", async () => {
    for (const [query, error] of [
      ["offset=-1", "offset: must be a whole number from 0 to 9007199254740991"],
      ["limit=101", "limit: must be a whole number from 0 to 100"],
      ["limit=1e1", "limit: must be a whole number from 0 to 100"],
      ["status=confirmed", "status: must be one of CONFIRMED, CANCELLED, DID_NOT_COME"],
      ["from=2031-02-31", "from: must be a day that exists, written as YYYY-MM-DD"],
      ["to=2031-02-03T10:00", "to: must be a day that exists, written as YYYY-MM-DD"],
      ["onlyUnsynced=yes", "onlyUnsynced: must be true or false"],
      ["facilityId=0x1", "facilityId: must be a whole number from 1 to 9007199254740991"],
      ["facilityId=", "facilityId: must be a whole number from 1 to 9007199254740991"],
      ["lastSync=-5", "lastSync: must be a whole number from 0 to 9007199254740991"],
      ["limit=1&limit=2", "limit: must be given only once"],
      ["email=a&email=a", "email: must be given only once"]
    ] as const) {
      const answer = await refused(10, 400, "GET", `/reservations?${query}`)
      expect(answer.result.errors, query).toEqual([error])
    }
    expect((await call("GET", "/reservations?limit=0")).result.data?.reservations).toEqual([])
    expect((await call("GET", "/reservations?unknown=1&unknown=2&__proto__=3&constructor=4")).status).toBe(200)
  })
})

describe("the order of checks: the first that applies answers", () => {
  it("20 before 404 before 10 before 403 before 12 before 40 before 10 before 40 before 30", async () => {
    const invalid = { name: 7 }
    await refused(20, 401, "GET", "/nowhere", undefined, { token: "nobody" })
    await refused(20, 401, "POST", "/reservations", invalid, { token: "nobody" })
    await refused(404, 404, "POST", "/nowhere", invalid)
    // The form before the rights: of a token that may not write, and of a facility that is not its own.
    await refused(10, 400, "POST", "/reservations", invalid, { token: tokens.read })
    await refused(10, 400, "POST", "/reservations", { ...booking("2031-04-07T10:00"), facilityId: 3, locale: "x" })
    // The facility before the service.
    await refused(403, 403, "POST", "/reservations", booking("2031-04-07T10:00", { facilityId: 3, serviceId: 999_999 }))
    const person = { ...somebody(), facilityId: 1, serviceId: 4 }
    await create("2031-04-07T10:00", person)
    // The service before the externalId.
    await refused(12, 400, "POST", "/reservations", { ...person, dateFrom: "2031-04-07T10:00", serviceId: 999_999 })
    // The externalId before the rules: closed on Saturday, in the gap.
    await refused(40, 400, "POST", "/reservations", { ...person, dateFrom: "2031-04-12T10:00" })
    await refused(40, 400, "POST", "/reservations", { ...person, dateFrom: "2031-03-30T02:30" })
    // The rules before the person: the same person in the gap.
    const again = { ...person, externalId: somebody().externalId }
    await refused(10, 400, "POST", "/reservations", { ...again, dateFrom: "2031-03-30T02:30" })
    // The person before the capacity, which is used up.
    await refused(40, 400, "POST", "/reservations", { ...again, dateFrom: "2031-04-07T10:00" })
    await refused(30, 400, "POST", "/reservations", booking("2031-04-07T10:00", { serviceId: 4 }))
  })
})

describe("the language of texts", () => {
  it("follows lang, of the form as of the rules and of refusals; en for anything else", async () => {
    const texts = new Map<string, ReadonlyArray<string>>()
    for (const lang of ["en", "sk", "cs", "de", "hu", "pl"]) {
      const form = await refused(10, 400, "POST", `/reservations?lang=${lang}`, { ...booking("2031-05-05"), name: "" })
      const rule = await refused(10, 400, "POST", `/reservations?lang=${lang}`, booking("2031-03-30T02:30"))
      const token = await refused(20, 401, "GET", `/facilities/cgm?lang=${lang}`, undefined, { token: null })
      const missing = await refused(404, 404, "GET", `/nowhere?lang=${lang}`)
      const found = [form, rule, token, missing].map(({ result }) => result.errors?.[0] ?? "")
      expect(found[0]).toMatch(/^name: /)
      texts.set(lang, found)
    }
    for (const at of [0, 1, 2, 3]) {
      expect(new Set([...texts.values()].map((found) => found[at])).size, `${at}`).toBe(6)
    }
    expect(texts.get("sk")?.[2]).toBe("Vyžaduje sa Bearer token")
    for (const lang of ["fr", "SK", "sk-SK", "", "%zz"]) {
      const answer = await refused(404, 404, "GET", `/nowhere?lang=${lang}`)
      expect(answer.result.errors).toEqual([texts.get("en")?.[3]])
    }
  })

  it("of warnings too, which come with success true", async () => {
    const made = await call("POST", "/calendars", {
      facilityId: 1,
      name: "Ending",
      validFrom: "2031-01-01",
      validTo: "2031-12-31",
      services: [{ id: 1, name: "S", duration: 30 }],
      intervals: [{ name: "I", weekDays: [1, 2, 3, 4, 5], timeFrom: "08:00", timeTo: "12:00" }]
    })
    const id = made.result.data?.calendarId as number
    const calendars = (await call("GET", "/calendars?facilityId=1")).result.data?.calendars as ReadonlyArray<{
      id: number
      services: ReadonlyArray<{ id: number }>
    }>
    const serviceId = calendars.find((calendar) => calendar.id === id)?.services[0]?.id
    const reservationId = await create("2031-06-02T10:00", { serviceId })
    const answer = await call("PUT", `/calendars/${id}/end?lang=sk`, { validTo: "2031-05-31" })
    expect(answer.status).toBe(200)
    expect(answer.result.success).toBe(true)
    expect(answer.result.data).toEqual({ calendarId: id })
    expect(answer.result.errors).toHaveLength(1)
    expect(answer.result.errors?.[0]).toContain(String(reservationId))
    expect(answer.result.errors?.[0]).not.toMatch(/future/)
  })
})

it("the request id: the caller's own where it is well-formed, else a new one; of what is refused too", async () => {
  const idOf = async (id: string, path = `${basePath}/facilities/cgm`) =>
    (await send(proxy.url, { path, headers: { "x-request-id": id } })).headers["x-request-id"]
  expect(await idOf("my-request.1")).toBe("my-request.1")
  expect(await idOf("my-request.1", `${basePath}/nowhere`)).toBe("my-request.1")
  for (const bad of ["two words", "john@example.com", "x".repeat(129), "<b>", 'a"b', ""]) {
    const id = await idOf(bad)
    expect(id).not.toBe(bad)
    expect(id).toMatch(/^[0-9a-f-]{36}$/)
  }
})
