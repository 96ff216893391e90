/** Tests of members that a live server may leave out or send as null. */
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import { described } from "../../src/scalar/Described.ts"
import { Id } from "../../src/scalar/Id.ts"
import { fromDecimal } from "../../src/scalar/Parameters.ts"
import { tolerant } from "../../src/scalar/Tolerant.ts"
import { problems } from "./Support.ts"

const Row = Schema.Struct({ id: tolerant(Id), page: tolerant(fromDecimal(Id)) })
const decode = Schema.decodeUnknownSync(Row)
const encode = Schema.encodeSync(Row)

describe("a tolerant member", () => {
  it("is absent where it is left out or null", () => {
    expect(decode({})).toStrictEqual({})
    expect(decode({ id: null, page: null })).toStrictEqual({})
  })

  it("has its value otherwise, decoded by its own schema", () => {
    expect(decode({ id: 5, page: "7" })).toStrictEqual({ id: 5, page: 7 })
  })

  it("is left out when it is encoded, never null", () => {
    expect(encode({})).toStrictEqual({})
    expect(encode({ id: 5, page: 7 })).toStrictEqual({ id: 5, page: "7" })
  })

  it.each([0, "5", {}, false])("is refused for %j as its own schema refuses it", (id) => {
    expect(problems(Row, { id })).toEqual(["id notId"])
  })

  it("is shown as nullable and optional, under no name of its own", () => {
    const Named = Schema.String.annotate({ identifier: "Named" })
    const { definitions, schema } = Schema.toJsonSchemaDocument(Schema.Struct({ named: tolerant(Named), again: Named }))
    expect(Object.keys(definitions)).toEqual(["Named"])
    expect(schema).toMatchObject({
      properties: { named: { anyOf: [{ $ref: "#/$defs/Named" }, { type: "null" }] } },
      required: ["again"]
    })
  })
})

describe("a described member", () => {
  const Described = Schema.Struct({
    plain: described(Schema.String, "plain text"),
    page: described(Schema.optionalKey(fromDecimal(Id)), "page number")
  })

  it("carries its description, also where it is decoded from another type", () => {
    const { schema } = Schema.toJsonSchemaDocument(Described)
    expect(JSON.stringify(schema)).toContain("plain text")
    expect(JSON.stringify(schema)).toContain("page number")
    expect(schema).toMatchObject({ required: ["plain"] })
  })

  it("decodes, encodes and refuses as before", () => {
    expect(Schema.decodeUnknownSync(Described)({ plain: "", page: "5" })).toStrictEqual({ plain: "", page: 5 })
    expect(Schema.decodeUnknownSync(Described)({ plain: "" })).toStrictEqual({ plain: "" })
    expect(Schema.encodeSync(Described)({ plain: "", page: 5 })).toStrictEqual({ plain: "", page: "5" })
    expect(problems(Described, { page: "0" })).toEqual(["plain required", "page notId"])
  })
})
