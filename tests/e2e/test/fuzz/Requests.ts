/**
 * Arbitrary requests made from the OpenAPI document: what its schemas allow, and what comes of breaking that. Names,
 * e-mails, phones, notes and made-up tokens hold a marker, so that a log can be searched for them.
 */
import * as fc from "fast-check"
import { type Json, resolve } from "../wire/JsonSchema.ts"

/** Stands in every text that must not reach a log. */
export const marker = "zqmarker"
/** The digits that stand in every phone. */
export const phoneMarker = "9183746"

export interface Operation {
  readonly id: string
  readonly method: string
  readonly path: string
  readonly query: ReadonlyArray<{ readonly name: string; readonly required: boolean; readonly schema: Json }>
  readonly pathNames: ReadonlyArray<string>
  /** The schema of the body, where there is one. */
  readonly body: Json | undefined
}

/** A request as it is sent, and what is known of it. */
export interface FuzzRequest {
  readonly operation: Operation
  readonly path: string
  readonly body: string | Uint8Array | undefined
  readonly contentType: string | undefined
  readonly token: string | undefined
  /** The body's value, where it is JSON that was meant as such. */
  readonly json: unknown
  /** Whether path and query are what the document allows. */
  readonly isPlain: boolean
}

type Parameter = { readonly name: string; readonly in: string; readonly required: boolean; readonly schema: Json }

// A stream of events does not end, and is no envelope: it has tests of its own.
const isEnveloped = ({ responses }: Json): boolean =>
  Object.hasOwn(((responses as Json)["200"] as Json | undefined)?.content ?? {}, "application/json")

/** The operations of a document that answer by an envelope. */
export const operationsOf = (document: Json): ReadonlyArray<Operation> =>
  Object.entries(document.paths as { readonly [path: string]: { readonly [method: string]: Json } }).flatMap(
    ([path, methods]) =>
      Object.entries(methods)
        .filter(([, operation]) => isEnveloped(operation))
        .map(([method, operation]) => {
          const parameters = operation.parameters as ReadonlyArray<Parameter>
          const content = (operation.requestBody as Json | undefined)?.content as
            | { readonly [type: string]: Json }
            | undefined
          return {
            id: String(operation.operationId),
            method: method.toUpperCase(),
            path,
            query: parameters.filter((parameter) => parameter.in === "query"),
            pathNames: parameters.filter((parameter) => parameter.in === "path").map((parameter) => parameter.name),
            body: content?.["application/json"]?.schema as Json | undefined
          }
        })
  )

const pad = (value: number) => String(value).padStart(2, "0")

const day = fc
  .tuple(fc.integer({ min: 2026, max: 2028 }), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 28 }))
  .map(([year, month, date]) => `${year}-${pad(month)}-${pad(date)}`)

const time = fc
  .tuple(fc.integer({ min: 0, max: 23 }), fc.constantFrom(0, 15, 30, 45))
  .map(([hour, minute]) => `${pad(hour)}:${pad(minute)}`)

const wallTime = fc.oneof(
  day,
  fc.tuple(day, time).map(([d, t]) => `${d}T${t}`),
  fc.tuple(day, time).map(([d, t]) => `${d}T${t}:00`),
  fc.tuple(day, time, fc.constantFrom("Z", "+01:00", "-11:30", ".123Z")).map(([d, t, z]) => `${d}T${t}:00${z}`)
)

const oddTexts = fc.constantFrom(
  "'; DROP TABLE reservation; --",
  "<script>alert(1)</script>",
  "👩‍👩‍👧 \u202e שלום",
  "e\u0301\u00a0\u200b",
  "%s%n{0}$x",
  "\r\n\t\u0001",
  "null"
)

const text = fc
  .tuple(fc.oneof(oddTexts, fc.string({ maxLength: 20, unit: "grapheme" })), fc.boolean())
  .map(([odd, first]) => (first ? `${marker}${odd}` : `${odd}${marker}`))

const smallId = fc.oneof(
  { weight: 8, arbitrary: fc.integer({ min: 1, max: 9 }) },
  fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER })
)

const hour = (min: number, max: number) => fc.integer({ min, max }).map((value) => `${pad(value)}:00`)

const dayOf = (month: string) => fc.integer({ min: 1, max: 28 }).map((date) => `${month}-${pad(date)}`)

// Values of members that mean something together, so that many requests get past their form.
const byName: { readonly [name: string]: fc.Arbitrary<unknown> } = {
  email: fc.integer({ min: 1, max: 50 }).map((n) => `${marker}.${n}@example.com`),
  phone: fc.integer({ min: 10, max: 99 }).map((n) => `+421${phoneMarker}${n}`),
  facilityId: fc.constantFrom(1, 1, 1, 1, 1, 2, 2, 3, 4),
  serviceId: fc.oneof({ weight: 9, arbitrary: fc.integer({ min: 1, max: 9 }) }, fc.integer({ min: 1 })),
  externalId: fc.integer({ min: 1, max: 20_000 }),
  allowedServices: fc.constant([]),
  timeFrom: hour(0, 11),
  timeTo: hour(12, 24),
  validFrom: dayOf("2026-01"),
  validTo: dayOf("2030-01"),
  // Of documentation only (RFC 5737, RFC 3849): nothing is sent there.
  url: fc.constantFrom(`https://192.0.2.1/${marker}`, `https://[2001:db8::1]/${marker}`, `http://localhost/${marker}`),
  from: dayOf("2027-01"),
  to: dayOf("2027-02")
}

/** A service of its facility, a term that ends on its day after it starts, no offset that does not fit: now and then. */
const sensible = ({ dateFromOffset: _from, dateToOffset: _to, ...given }: { readonly [name: string]: unknown }) => ({
  ...given,
  ...(given.serviceId === undefined ? {} : { serviceId: given.facilityId === 2 ? 5 : 2 }),
  ...(typeof given.dateFrom === "string" && typeof given.dateTo === "string"
    ? { dateTo: `${given.dateFrom.slice(0, 10)}T23:50` }
    : {})
})

/** Values that a schema of the document allows; `name` is that of the member, for values that have a meaning. */
const valid = (document: Json, schema: Json, name = ""): fc.Arbitrary<unknown> => {
  const known = byName[name]
  if (known !== undefined) return known
  if (typeof schema.$ref === "string") {
    const target = schema.$ref.replace(/^.*\//, "")
    if (target === "WallTime") return wallTime
    if (target === "UtcOffset") return fc.constantFrom("+01:00", "+02:00", "+00:00", "-05:00")
    return valid(document, resolve(document, schema.$ref), name)
  }
  const [only] = [schema.allOf, schema.anyOf].find(Array.isArray) ?? []
  if (only !== undefined) {
    const parts = (schema.allOf ?? schema.anyOf) as ReadonlyArray<Json>
    return fc.oneof(...parts.map((part) => valid(document, part, name)))
  }
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum)
  switch (schema.type) {
    case "null":
      return fc.constant(null)
    case "boolean":
      return fc.boolean()
    case "integer":
    case "number":
      return schema.maximum === undefined || Number(schema.maximum) > 1e6
        ? smallId
        : fc.integer({ min: Number(schema.minimum ?? 0), max: Number(schema.maximum) })
    case "array":
      return schema.uniqueItems === true
        ? fc.uniqueArray(valid(document, schema.items as Json), { minLength: 1, maxLength: 5 })
        : fc.array(valid(document, schema.items as Json), { minLength: Number(schema.minItems ?? 0), maxLength: 3 })
    case "object": {
      const properties = schema.properties as { readonly [name: string]: Json }
      const members = Object.fromEntries(
        Object.entries(properties).map(([key, member]) => [key, valid(document, member, key)])
      )
      return fc
        .record(members, { requiredKeys: (schema.required ?? []) as Array<string> })
        .chain((value) => fc.constantFrom(value, sensible(value), sensible(value)))
    }
    default:
      return typeof schema.pattern === "string"
        ? fc.stringMatching(new RegExp(schema.pattern))
        : schema.format === "date"
          ? day
          : text
  }
}

const bad: fc.Arbitrary<unknown> = fc.oneof(
  fc.constantFrom(null, true, "", " ", 0, -1, 1.5, 1e308, 2 ** 53, 2 ** 60, -0, [], {}, [[]], [null]),
  fc.constantFrom("x".repeat(10_000), "\u0000", "\ud800", "NaN", "2027-02-31", "2027-03-28T02:30", "24:00", "+25:00"),
  oddTexts,
  fc.jsonValue({ maxDepth: 4 }),
  fc.integer({ min: 1, max: 2000 }).map((depth) => JSON.parse(`${"[".repeat(depth)}${"]".repeat(depth)}`) as unknown)
)

const prototypeNames = ["__proto__", "constructor", "prototype", "toString", "hasOwnProperty", "then"]

const isObject = (value: unknown): value is { readonly [name: string]: unknown } =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** Puts a value somewhere into another: `at` picks the member, one level deeper each time it can. */
const put = (into: unknown, at: ReadonlyArray<number>, change: (member: unknown) => unknown): unknown => {
  const [first, ...rest] = at
  const keys = isObject(into) ? Object.keys(into) : Array.isArray(into) ? into.map((_, index) => String(index)) : []
  if (first === undefined || keys.length === 0) return change(into)
  const key = keys[first % keys.length] as string
  if (Array.isArray(into)) return into.map((item, index) => (String(index) === key ? put(item, rest, change) : item))
  const members = Object.entries(into as { readonly [name: string]: unknown }).map(
    ([name, member]) => [name, name === key ? put(member, rest, change) : member] as const
  )
  return Object.fromEntries(members.filter(([, member]) => member !== undefined))
}

const place = fc.array(fc.nat({ max: 20 }), { minLength: 1, maxLength: 3 })

const mutation: fc.Arbitrary<(value: unknown) => unknown> = fc.oneof(
  fc.tuple(place, bad).map(
    ([at, value]) =>
      (json: unknown) =>
        put(json, at, () => value)
  ),
  place.map((at) => (json: unknown) => put(json, at, () => undefined)),
  place.map((at) => (json: unknown) => put(json, at, (member) => [member])),
  place.map((at) => (json: unknown) => put(json, at, (member) => ({ value: member }))),
  place.map(
    (at) => (json: unknown) =>
      put(json, at, (member) => (Array.isArray(member) ? [...member, ...member] : JSON.stringify(member)))
  ),
  fc.tuple(fc.constantFrom(...prototypeNames), bad).map(
    ([name, value]) =>
      (json: unknown) =>
        isObject(json)
          ? JSON.parse(
              `{${JSON.stringify(name)}:${JSON.stringify(value)},${JSON.stringify(json).slice(1).replace(/^\}/, '"z":1}')}`
            )
          : json
  )
)

const raw: fc.Arbitrary<string | Uint8Array> = fc.oneof(
  fc.uint8Array({ maxLength: 200 }),
  fc.string({ maxLength: 200 }).map((junk) => `{"name":"${marker}${junk}`),
  fc.constantFrom(
    "",
    "{",
    "[]",
    "null",
    "1e999",
    '{"name":1,"name":2}',
    `"${marker}"`,
    "[".repeat(30_000),
    "{}".padEnd(70_000)
  )
)

const encoded = (value: unknown) =>
  encodeURIComponent((typeof value === "string" ? value : JSON.stringify(value)).toWellFormed())

const queryText = (document: Json, operation: Operation): fc.Arbitrary<{ text: string; isPlain: boolean }> => {
  const plain = fc
    .tuple(
      ...operation.query.map(({ name, required, schema }) =>
        fc.option(
          valid(document, schema, name).map((value) => `${name}=${encoded(value)}`),
          { nil: "", freq: required ? 50 : 2 }
        )
      )
    )
    .map((parts) => ({ text: parts.filter((part) => part !== "").join("&"), isPlain: true }))
  const names = [...operation.query.map(({ name }) => name), ...prototypeNames, "unknown", ""]
  const odd = fc.array(fc.tuple(fc.constantFrom(...names), fc.oneof(bad, text)), { maxLength: 6 }).map((pairs) => ({
    text: pairs.map(([name, value]) => `${name}=${encoded(value).slice(0, 2000)}`).join("&"),
    isPlain: false
  }))
  const junk = fc.stringMatching(/^[!$%&'()*+,./:;=?@\w[\]~-]{0,60}$/).map((query) => ({ text: query, isPlain: false }))
  return fc.oneof({ weight: 5, arbitrary: plain }, { weight: 2, arbitrary: odd }, { weight: 1, arbitrary: junk })
}

const pathText = (operation: Operation): fc.Arbitrary<{ text: string; isPlain: boolean }> =>
  fc
    .tuple(
      fc.integer({ min: 1, max: 60 }),
      fc.oneof(
        fc.constantFrom(
          "0",
          "-1",
          "1.5",
          "1e3",
          "0x1",
          "%31",
          "%00",
          "%zz",
          "%",
          "..",
          "%2e%2e",
          "%2F",
          "9".repeat(16),
          "9".repeat(300),
          "__proto__"
        ),
        text.map((value) => encoded(value) || "x")
      ),
      fc.integer({ min: 0, max: 9 })
    )
    .map(([id, odd, dice]) => ({
      text: operation.path.replace(/\{\w+\}/g, dice < 8 ? String(id) : odd),
      isPlain: dice < 8 || operation.pathNames.length === 0
    }))

/** Requests of one operation, half of them as the document allows, with tokens of the seed or a made-up one. */
export const requestOf = (
  document: Json,
  operation: Operation,
  tokens: ReadonlyArray<string>
): fc.Arbitrary<FuzzRequest> => {
  const json = operation.body === undefined ? fc.constant(undefined) : valid(document, operation.body)
  const mutated = fc
    .tuple(json, fc.array(mutation, { minLength: 1, maxLength: 3 }))
    .map(([value, changes]) => changes.reduce((changed, change) => change(changed), value))
  const body =
    operation.body === undefined
      ? fc.constant({ json: undefined, body: undefined })
      : fc.oneof(
          { weight: 5, arbitrary: json.map((value) => ({ json: value, body: JSON.stringify(value) })) },
          { weight: 5, arbitrary: mutated.map((value) => ({ json: value, body: JSON.stringify(value) ?? "" })) },
          { weight: 1, arbitrary: raw.map((value) => ({ json: undefined, body: value })) }
        )
  const type = fc.oneof(
    { weight: 20, arbitrary: fc.constant("application/json") },
    { weight: 1, arbitrary: fc.constantFrom("text/plain", "application/json; charset=utf-16", "application/xml", "") }
  )
  const token = fc.oneof(
    { weight: 30, arbitrary: fc.constantFrom(...tokens) },
    { weight: 1, arbitrary: fc.constantFrom(`${marker}-token`, undefined) }
  )
  return fc
    .tuple(pathText(operation), queryText(document, operation), body, type, token)
    .map(([path, query, content, contentType, bearer]) => ({
      operation,
      path: query.text === "" ? path.text : `${path.text}?${query.text}`,
      ...content,
      contentType: content.body === undefined ? undefined : contentType,
      token: bearer,
      isPlain: path.isPlain && query.isPlain,
      // What is printed when it fails; a body may be nested deeper than a printer goes.
      [fc.toStringMethod]: () => `${operation.method} ${path.text}?${query.text} ${String(content.body).slice(0, 500)}`
    }))
}

/** Bodies that the schema of an operation refuses for certain: a required member is missing, or one is of no type it may have. */
export const invalidBodyOf = (document: Json, operation: Operation & { readonly body: Json }): fc.Arbitrary<string> => {
  const schema = typeof operation.body.$ref === "string" ? resolve(document, operation.body.$ref) : operation.body
  const names = Object.keys(schema.properties as Json)
  const required = (schema.required as ReadonlyArray<string> | undefined) ?? []
  const spoil = fc.oneof(
    fc.constantFrom(...names).map((name) => (json: Json) => ({ ...json, [name]: { wrong: marker } })),
    ...(required.length === 0
      ? []
      : [
          fc.constantFrom(...required).map(
            (name) =>
              ({ [name]: _, ...rest }: Json) =>
                rest
          )
        ])
  )
  return fc
    .tuple(valid(document, operation.body) as fc.Arbitrary<Json>, spoil)
    .map(([json, change]) => JSON.stringify(change(json)))
}
