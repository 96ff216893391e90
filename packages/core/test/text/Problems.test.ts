/** Tests of how problems are read off an issue: where they are, which text they say, and that no value sent is in them. */
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import * as fc from "fast-check"
import { NewBlockedTime } from "../../src/blocked-time/BlockedTime.ts"
import { NewCalendar } from "../../src/calendar/Calendar.ts"
import { Facility } from "../../src/facility/Facility.ts"
import { NewReservation, StatusChange, TermChange } from "../../src/reservation/Reservation.ts"
import { check, saying } from "../../src/scalar/Check.ts"
import { Name } from "../../src/scalar/Words.ts"
import { fieldOf } from "../../src/text/Problems.ts"
import { Language, render } from "../../src/text/Text.ts"
import { problems, textsOf } from "../scalar/Support.ts"

describe("fieldOf", () => {
  it.each([
    [[], ""],
    [["name"], "name"],
    [["services", 0, "name"], "services[0].name"],
    [[2, "name"], "[2].name"]
  ])("writes %j as %j", (path, field) => {
    expect(fieldOf(path)).toBe(field)
  })
})

describe("problemsOf", () => {
  const Person = Schema.Struct({
    name: Name,
    tags: Schema.Array(Name).annotate(saying("notList")),
    nested: Schema.Struct({ nickname: Schema.optionalKey(Name) })
  })

  it("tells all problems at once, in the order of the schema, each with its field", () => {
    expect(problems(Person, { nested: { nickname: 5 }, tags: ["x", " ", null] })).toEqual([
      "name required",
      "tags[1] empty",
      "tags[2] notText",
      "nested.nickname notText"
    ])
  })

  it("names the whole only by what it is called", () => {
    expect(problems(Person, "x")).toEqual(["notObject"])
    expect(textsOf(Schema.Struct({ body: Person }), { body: [] })).toEqual([{ field: "body", key: "notObject" }])
  })

  it.each([
    [Schema.String, 1, "notText"],
    [Schema.Number, "1", "notNumber"],
    [Schema.Boolean, "true", "notBoolean"],
    [Schema.Array(Schema.String), {}, "notList"],
    [Schema.Struct({}), null, "notObject"],
    [Schema.Literals(["a", "b"]), "c", "invalid"]
  ])("says by itself what a plain type wants (%#)", (schema, value, key) => {
    expect(problems(schema, value)).toEqual([key])
  })

  it("says of a value that may be null what it is otherwise", () => {
    const nullable = Schema.NullOr(Schema.Struct({ name: Name }))
    expect(problems(nullable, null)).toEqual([])
    expect(problems(nullable, 5)).toEqual(["notObject"])
    expect(problems(nullable, { name: "" })).toEqual(["name empty"])
    expect(problems(TermChange, { dateTo: "soon" })).toEqual(["dateTo notDateTime"])
    expect(problems(TermChange, { dateTo: 5 })).toEqual(["dateTo notDateTime"])
  })

  it("says a thing once where two checks say it", () => {
    const twice = Schema.String.check(
      check((text) => text !== "", "empty"),
      check((text) => text.length > 0, "empty")
    )
    expect(problems(twice, "")).toEqual(["empty"])
  })
})

// Anything that JSON can hold, with the marker in it: as it is, in a list, as a member's name and as its value.
const marker = "MaRkEr-7f3"
const json = fc.oneof(
  fc.constantFrom(
    marker,
    ` ${marker}\u0000`,
    `${marker}@x`,
    `+421${marker}`,
    `2026-01-01T${marker}`,
    `${marker}T18:00`
  ),
  fc.constantFrom([marker], { [marker]: marker }, [{ id: marker }], { name: marker, note: [marker] }),
  fc.constantFrom(marker.repeat(300), null, 5, true, [[marker]])
)
const bodies = fc.dictionary(
  fc.constantFrom(
    ...["name", "surname", "email", "phone", "dateFrom", "dateTo", "dateFromOffset", "locale", "externalId", "note"],
    ...["serviceId", "facilityId", "services", "intervals", "validFrom", "validTo", "status", "cancellationReason"],
    ...["address", "contact", "timeZone", "id", marker]
  ),
  fc.oneof(
    json,
    fc.array(
      fc.dictionary(
        fc.constantFrom("id", "name", "duration", "weekDays", "timeFrom", "timeTo", "allowedServices"),
        json
      )
    )
  )
)

describe("a rendered problem", () => {
  it.each([
    ["NewReservation", NewReservation],
    ["NewCalendar", NewCalendar],
    ["NewBlockedTime", NewBlockedTime],
    ["TermChange", TermChange],
    ["StatusChange", StatusChange],
    ["Facility", Facility]
  ])("never holds what was sent, nor does %s tell a problem twice", (_, schema) => {
    fc.assert(
      fc.property(fc.oneof(bodies, json), fc.constantFrom(...Language.literals), (body, language) => {
        const rendered = textsOf<unknown, unknown>(schema, body).map((text) => render(text, language))
        expect(rendered.filter((text) => text.includes(marker))).toEqual([])
        expect(new Set(rendered).size).toBe(rendered.length)
      }),
      { numRuns: 300 }
    )
  })
})
