/** Tests of ids: which numbers are one, in JSON. */
import { describe, expect, it } from "@effect/vitest"
import * as Ids from "../../src/scalar/Id.ts"
import { problems } from "./Support.ts"

const { Id, ...branded } = Ids

describe.each([["Id", Id] as const, ...Object.entries(branded)])("%s", (_, schema) => {
  it.each([1, 123, 2 ** 31, 2 ** 53 - 1])("takes %d", (id) => {
    expect(problems(schema, id)).toEqual([])
  })

  it.each([0, -1, 1.5, 2 ** 53, 1e300, Number.NaN, Number.POSITIVE_INFINITY, "1", "", null, true, [1], {}, 1n])(
    "refuses %s, once",
    (id) => {
      expect(problems(schema, id)).toEqual(["notId"])
    }
  )
})
