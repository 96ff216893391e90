/** Tests that compiled rows are what the interpreter of their schema makes of the same values. */
import { describe, expect, it } from "@effect/vitest"
import { Effect, Result, Schema, type SchemaAST, SchemaGetter, SchemaTransformation } from "effect"
import * as FastCheck from "fast-check"
import { BlockedTime } from "../../src/blocked-time/BlockedTime.ts"
import { row } from "../../src/page/Row.ts"
import { Reservation } from "../../src/reservation/Reservation.ts"
import { tolerant } from "../../src/scalar/Tolerant.ts"
import { Slot } from "../../src/slot/Slot.ts"
import { problemsOf } from "../../src/text/Problems.ts"

// Values that members of rows are likely to be right or wrong with.
const scalar = FastCheck.oneof(
  FastCheck.constantFrom<unknown>(null, undefined, "", {}, [], true, 0, -0, 1, 30, 0.5, -1, 2 ** 53 - 1, 2 ** 53),
  FastCheck.constantFrom<unknown>(Number.NaN, Number.POSITIVE_INFINITY, "5", "CONFIRMED", "GONE", "+01:00", "+1:00"),
  FastCheck.constantFrom("2026-02-28T08:30:00", "2026-02-29T08:30:00", "2024-02-29T24:00:00", "1899-01-01T00:00:00"),
  FastCheck.string()
)

type Outcome = Result.Result<unknown, Schema.SchemaError>

const shown = (outcome: Outcome) =>
  Result.match(outcome, {
    onSuccess: (value) => ({ value, text: JSON.stringify(value) }),
    onFailure: ({ issue }) => ({ problems: problemsOf(issue), text: String(issue) })
  })

const time = "2026-02-28T08:30:00"
const offset = "+01:00"
const term = { dateFrom: time, dateFromOffset: offset, dateTo: time, dateToOffset: offset }
const reservation = {
  ...{
    id: 1,
    externalId: 2,
    number: "a2se8w",
    name: "John Audrey",
    email: "john@yahoo.com",
    phone: "+421",
    service: 3
  },
  ...{ duration: 30, created: time, createdOffset: offset, ...term, cancelTime: time, cancelTimeOffset: offset },
  ...{ cancellationReason: "ill", needsSync: true, facilityId: 4, note: "", status: "CONFIRMED" }
}

const cases: ReadonlyArray<readonly [string, Schema.Codec<unknown>, object]> = [
  ["reservations", Schema.make(Reservation.ast), reservation],
  ["blocked times", Schema.make(BlockedTime.ast), { id: 1, externalId: 2, ...term, note: "" }],
  ["slots", Schema.make(Slot.ast), { ...term, free: 1 }]
]

describe.each(cases)("rows of %s", (_, schema, good) => {
  // A copy is not compiled.
  const interpreted = schema.annotate({})
  const known = FastCheck.constant(good)
  const names = (schema.ast as SchemaAST.Objects).propertySignatures.map(({ name }) => String(name))
  const changes = FastCheck.array(FastCheck.tuple(FastCheck.constantFrom(...names, "unknown"), scalar), {
    maxLength: 3
  })
  const removed = FastCheck.array(FastCheck.constantFrom(...names), { maxLength: 2 })
  const input = FastCheck.tuple(known, changes, removed, FastCheck.boolean()).map(([value, others, gone, turned]) => {
    const entries = Object.entries({ ...value, ...Object.fromEntries(others) }).filter(([name]) => !gone.includes(name))
    return Object.fromEntries(turned ? entries.toReversed() : entries)
  })
  const options = FastCheck.constantFrom<SchemaAST.ParseOptions>(
    {},
    { errors: "all" },
    { onExcessProperty: "error" },
    { disableChecks: true }
  )

  it.each([
    ["decoded", Schema.decodeUnknownResult(schema), Schema.decodeUnknownResult(interpreted)],
    ["encoded", Schema.encodeUnknownResult(schema), Schema.encodeUnknownResult(interpreted)]
  ] as const)("are %s as interpreted", (_, compiled, plain) => {
    let kept = 0
    FastCheck.assert(
      FastCheck.property(FastCheck.oneof(input, scalar, known), options, (value, options) => {
        const was = structuredClone(value)
        const outcome = compiled(value, options)
        expect(shown(outcome)).toStrictEqual(shown(plain(value, options)))
        expect(value).toStrictEqual(was)
        if (value === good && Result.getOrUndefined(outcome) === value) kept++
      }),
      { numRuns: 1000 }
    )
    expect(kept).toBeGreaterThan(0)
  })
})

describe("a row", () => {
  const Row = row(Schema.Struct({ id: Schema.Int, note: tolerant(Schema.String) }))
  const decode = Schema.decodeUnknownSync(Row)

  it("is the same object where it needs no change, and a copy otherwise", () => {
    const [exact, withNull, turned] = [
      { id: 1, note: "" },
      { id: 1, note: null },
      { note: "", id: 1 }
    ]
    expect(decode(exact)).toBe(exact)
    expect(decode(withNull)).toStrictEqual({ id: 1 })
    expect(withNull).toStrictEqual({ id: 1, note: null })
    expect(Object.keys(decode(turned))).toEqual(["id", "note"])
  })

  it("is a plain object, also of one that inherits its members", () => {
    expect(decode(Object.create({ id: 1 }))).toStrictEqual({ id: 1 })
  })

  it("is compiled within a list too", () => {
    const exact = { id: 1 }
    expect(Schema.decodeUnknownSync(Schema.Array(Row))([exact])[0]).toBe(exact)
    expect(Schema.encodeSync(Schema.Array(Row))([exact])[0]).toBe(exact)
  })

  it("is interpreted where a member is no scalar, or is transformed otherwise", () => {
    const increment = SchemaTransformation.transform({ decode: (n: number) => n + 1, encode: (n: number) => n - 1 })
    const Other = row(
      Schema.Struct({
        next: Schema.Int.pipe(Schema.decodeTo(Schema.Int, increment)),
        inner: tolerant(Schema.Struct({ id: Schema.Int })),
        set: Schema.optionalKey(Schema.Int).pipe(
          Schema.decodeTo(Schema.Int, {
            decode: SchemaGetter.withDefault(Effect.succeed(7)),
            encode: SchemaGetter.required()
          })
        )
      })
    )
    expect(Schema.decodeUnknownSync(Other)({ next: 1, inner: { id: 1, more: 2 } })).toMatchObject({
      next: 2,
      inner: { id: 1 }
    })
    expect(Schema.encodeUnknownSync(Other)({ next: 2, set: 3 })).toStrictEqual({ next: 1, set: 3 })
  })
})
