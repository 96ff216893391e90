/**
 * Tests of the contract against every sample that the reference prints. `golden/` holds them as printed, without the
 * marks of the page; a file is named as the operation in the definition.
 */
import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { problems } from "../scalar/Support.ts"
import { operation, operations } from "./Support.ts"

type Json = { readonly [member: string]: unknown }

const golden = (name: string): { readonly request?: Json; readonly response: Json } =>
  JSON.parse(readFileSync(new URL(`golden/${name}.json`, import.meta.url), "utf8"))

/** A copy with one member, named by its path, set; or without it where the value is undefined. */
const changed = (json: unknown, path: ReadonlyArray<string | number>, value: unknown): unknown => {
  const [key, ...rest] = path
  if (key === undefined) return value
  if (Array.isArray(json)) return json.map((item, index) => (index === key ? changed(item, rest, value) : item))
  const { [key]: inner, ...others } = json as Json
  const now = changed(inner, rest, value)
  return now === undefined ? others : { ...others, [key]: now }
}

const allKnown = { onExcessProperty: "error", errors: "all" } as const

it("there is a sample of every operation, and of nothing else", () => {
  const files = readdirSync(new URL("golden", import.meta.url)).map((file) => file.replace(".json", ""))
  expect(files.toSorted()).toEqual(operations.map(({ name }) => name).toSorted())
})

describe.each(operations)("$name", ({ name, payload, success }) => {
  const { request, response } = golden(name)
  const decode = Schema.decodeUnknownSync(success)

  it("has a request sample exactly where it has a body", () => {
    expect(request === undefined).toBe(payload === undefined)
  })

  it("decodes the response sample with all of its members known, and encodes it as it was", () => {
    const decoded = Schema.decodeUnknownSync(success, allKnown)(response)
    expect(Schema.encodeSync(success)(decoded)).toStrictEqual(response)
  })

  it("ignores members of a response that it does not know, at every level", () => {
    const seen: Array<ReadonlyArray<string | number>> = []
    const walk = (node: unknown, path: ReadonlyArray<string | number>) => {
      if (Array.isArray(node)) node.forEach((item, index) => void walk(item, [...path, index]))
      else if (node instanceof Object) {
        seen.push(path)
        for (const [key, value] of Object.entries(node)) walk(value, [...path, key])
      }
    }
    walk(response, [])
    const extended = seen.reduce<unknown>(
      (json, path) => changed(json, [...path, "aNewMember"], { of: ["us"] }),
      response
    )
    expect(decode(extended)).toStrictEqual(decode(response))
    expect(seen.length).toBeGreaterThanOrEqual(3)
  })

  it("reads warnings, and needs none", () => {
    const warned = changed(response, ["result", "errors"], ["a warning"])
    expect(decode(warned)).toMatchObject({ result: { errors: ["a warning"] } })
    expect(problems(success, changed(response, ["result", "errors"], undefined))).toEqual([])
    expect(problems(success, changed(response, ["result", "errors"], null))).toEqual([])
  })

  it("does not take a failure for a success", () => {
    expect(problems(success, { result: { success: false, errors: ["string"] } })).not.toEqual([])
    expect(problems(success, changed(response, ["result", "success"], false))).not.toEqual([])
    expect(problems(success, {})).not.toEqual([])
  })
})

describe("a request sample", () => {
  const withBody = operations.flatMap(({ name, payload }) => (payload === undefined ? [] : [{ name, payload }]))
  const calendars = ["createCalendar", "updateCalendar"]

  it.each(withBody.filter(({ name }) => !calendars.includes(name)))("of $name is accepted, all known", (operation) => {
    const { request } = golden(operation.name)
    const decoded = Schema.decodeUnknownSync(operation.payload, allKnown)(request)
    expect(Schema.encodeSync(operation.payload)(decoded)).toStrictEqual(request)
  })

  it.each(calendars)("of %s breaks the rules of intervals, and these alone", (name) => {
    const { payload } = operation(name)
    const { request } = golden(name)
    expect(problems(payload!, request)).toEqual(["intervals[0].timeFrom notBefore other=intervals[0].timeTo"])
    const mended = changed(request, ["intervals", 0, "timeTo"], "18:44")
    expect(problems(payload!, mended)).toEqual([
      "intervals[0].allowedServices[0] unknownService service=2",
      "intervals[0].allowedServices[1] unknownService service=53",
      "intervals[0].allowedServices[2] unknownService service=5"
    ])
    const accepted = changed(mended, ["intervals", 0, "allowedServices"], [123])
    const decoded = Schema.decodeUnknownSync(payload!, allKnown)(accepted)
    expect(Schema.encodeSync(payload!)(decoded)).toStrictEqual(accepted)
  })
})

describe("what a live server may omit or send as null", () => {
  const data = (name: string, ...path: ReadonlyArray<string | number>) => ({ name, path: ["result", "data", ...path] })
  const tolerated = [
    ...["externalId", "number", "email", "phone", "cancelTime", "cancellationReason", "note"].map((member) =>
      data("listReservations", "reservations", 0, member)
    ),
    ...["externalId", "note"].map((member) => data("listBlockedTimes", "blockedTimes", 0, member)),
    data("listCalendars", "calendars", 0, "note"),
    data("listCalendars", "calendars", 0, "services", 0, "note"),
    ...["gps", "country"].map((member) => data("listFacilities", "facilities", 0, "address", member)),
    ...["phone", "email"].map((member) => data("listFacilities", "facilities", 0, "contact", member)),
    ...["createReservation", "changeReservationStatus", "changeReservationTerm", "confirmReservationSync"].map((name) =>
      data(name, "externalId")
    ),
    data("createBlockedTime", "externalId"),
    data("changeBlockedTimeTerm", "reservationId")
  ].map((member) => ({ ...member, shown: member.path.join(".") }))

  it.each(tolerated)("$name decodes without $shown and encodes without it", ({ name, path }) => {
    const { success } = operation(name)
    const { response } = golden(name)
    const without = changed(response, path, undefined)
    for (const given of [without, changed(response, path, null)]) {
      const decoded = Schema.decodeUnknownSync(success)(given)
      expect(Schema.encodeSync(success)(decoded)).toStrictEqual(without)
    }
    expect(without).not.toStrictEqual(response)
  })

  it("is not the id of a new record", () => {
    expect(problems(operation("createCalendar").success, { result: { success: true, data: {} } })).toEqual([
      "result.data.calendarId required"
    ])
  })
})

describe("postcodes and moved blocked times", () => {
  it.each([82104, "82104", "821 04"])("keep the form of %j", (postcode) => {
    const { success } = operation("listFacilities")
    const path = ["result", "data", "facilities", 0, "address", "postcode"]
    const given = changed(golden("listFacilities").response, path, postcode)
    expect(Schema.encodeSync(success)(Schema.decodeUnknownSync(success)(given))).toStrictEqual(given)
  })

  it.each([{ reservationId: 3423 }, { blockedTimeId: 3423 }, { blockedTimeId: 3423, reservationId: 3423 }])(
    "read and write %j of a move",
    (data) => {
      const { success } = operation("changeBlockedTimeTerm")
      const given = { result: { success: true, data } }
      expect(Schema.encodeSync(success)(Schema.decodeUnknownSync(success)(given))).toStrictEqual(given)
    }
  )
})
