/**
 * Tests of the OpenAPI document. No validator of OpenAPI 3.1 is among the dependencies, so its structure is checked
 * against what the specification requires, by hand.
 */
import { describe, expect, it } from "@effect/vitest"
import { routes } from "../../src/api/BookioApi.ts"
import { openApiDocument } from "../../src/api/Document.ts"

type Json = { readonly [key: string]: Json } & { readonly description?: string }

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required: boolean
  readonly schema: {
    readonly type?: string
    readonly $ref?: string
    readonly minimum?: number
    readonly maximum?: number
  }
  readonly description?: string
}

interface DocumentedOperation {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly tags: ReadonlyArray<string>
  readonly security: ReadonlyArray<unknown>
  readonly parameters: ReadonlyArray<Parameter>
  readonly requestBody?: { readonly required: boolean; readonly content: Json }
  readonly responses: { readonly [status: string]: { readonly description: string; readonly content: Json } }
}

interface Document {
  readonly openapi: string
  readonly info: { readonly title: string; readonly version: string }
  readonly tags: ReadonlyArray<{ readonly name: string }>
  readonly paths: { readonly [path: string]: { readonly [method: string]: DocumentedOperation } }
  readonly components: {
    readonly schemas: { readonly [name: string]: { readonly properties?: { readonly [name: string]: Json } } & Json }
    readonly securitySchemes: Json
  }
}

// As a reader gets it: through JSON.
const document: Document = JSON.parse(JSON.stringify(openApiDocument()))

const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, operation]) => ({ path, method, id: operation.operationId, operation }))
)

/** Every object of the document with the path to it. */
const nodes = (node: unknown, path: string): ReadonlyArray<readonly [string, { readonly [key: string]: unknown }]> => {
  if (Array.isArray(node)) return node.flatMap((item, index) => nodes(item, `${path}/${index}`))
  if (!(node instanceof Object)) return []
  const inner = Object.entries(node).flatMap(([key, value]) =>
    nodes(value, `${path}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`)
  )
  return [[path, node as { readonly [key: string]: unknown }], ...inner]
}
const all = nodes(document, "#")

describe("the document", () => {
  it("is OpenAPI 3.1 of the published version", () => {
    expect(document.openapi).toMatch(/^3\.1\.\d+$/)
    expect(document.info).toMatchObject({
      version: "1.0.4",
      title: expect.stringContaining("Bookio Medical Public API")
    })
    expect(document.components.securitySchemes).toEqual({
      bearer: { type: "http", scheme: expect.stringMatching(/^bearer$/i) }
    })
  })

  it("has every operation once, with an id, a summary, a tag that exists, and the Bearer scheme", () => {
    expect(operations).toHaveLength(routes().length + 9)
    expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length)
    const tags = document.tags.map(({ name }) => name)
    for (const { id, operation } of operations) {
      expect(id).toMatch(/^[a-zA-Z]+\.[a-zA-Z]+$/)
      expect(operation.summary).not.toBe("")
      expect(operation.tags.filter((tag) => !tags.includes(tag))).toEqual([])
      expect(operation.security).toEqual([{ bearer: [] }])
    }
  })

  it("resolves every reference, and uses every component", () => {
    const addresses = new Set(all.map(([path]) => path))
    const references = all.flatMap(([, node]) => (typeof node.$ref === "string" ? [node.$ref] : []))
    expect(references.filter((reference) => !addresses.has(reference))).toEqual([])
    expect(references.length).toBeGreaterThan(50)
    const unused = Object.keys(document.components.schemas).filter(
      (name) => !references.includes(`#/components/schemas/${name}`)
    )
    expect(unused).toEqual([])
  })

  it("names its components as the API's own terms", () => {
    const names = Object.keys(document.components.schemas)
    expect(names.filter((name) => !/^[A-Z][A-Za-z]+$/.test(name) || name.endsWith("Encoded"))).toEqual([])
    expect(names).toEqual(
      expect.arrayContaining(["Facility", "Calendar", "Reservation", "BlockedTime", "Slot", "Failure", "Pagination"])
    )
  })

  it("refuses no unknown member, and shows nothing of how it was made", () => {
    expect(all.filter(([, node]) => "additionalProperties" in node).map(([path]) => path)).toEqual([])
    expect(
      all.filter(([, node]) => Object.keys(node).some((key) => key.startsWith("x-"))).map(([path]) => path)
    ).toEqual([])
  })

  it("has only types of JSON Schema, required members that exist, and bounds the right way round", () => {
    const types = ["string", "number", "integer", "boolean", "object", "array", "null"]
    for (const [path, node] of all) {
      if (!path.includes("schema")) continue
      if (typeof node.type === "string") expect(types, path).toContain(node.type)
      if (Array.isArray(node.required))
        expect(Object.keys(node.properties ?? {}), path).toEqual(expect.arrayContaining(node.required))
      if (typeof node.minimum === "number" && typeof node.maximum === "number") {
        expect(node.minimum, path).toBeLessThanOrEqual(node.maximum)
      }
      if (typeof node.pattern === "string") expect(() => new RegExp(node.pattern as string, "u"), path).not.toThrow()
    }
  })
})

describe.each(operations)("$id", ({ id, method, operation, path }) => {
  it("documents the parameters of its path, all required, and no other", () => {
    const inPath = operation.parameters.filter((parameter) => parameter.in === "path")
    expect(inPath.map(({ name }) => `{${name}}`)).toEqual(path.match(/\{\w+\}/g) ?? [])
    expect(inPath.every(({ required }) => required)).toBe(true)
    expect(new Set(operation.parameters.map(({ name }) => name)).size).toBe(operation.parameters.length)
  })

  it("shows numbers and booleans of path and query as what they are", () => {
    for (const { name, schema } of operation.parameters) {
      if (name.endsWith("Id")) expect(schema).toEqual({ type: "integer", format: "int64", minimum: 1 })
      if (name === "onlyUnsynced") expect(schema).toEqual({ type: "boolean" })
      if (name === "limit") expect(schema).toEqual({ type: "integer", format: "int64", minimum: 0, maximum: 100 })
      if (["offset", "lastSync"].includes(name)) expect(schema).toMatchObject({ type: "integer", minimum: 0 })
    }
  })

  it("describes every parameter of its query that is more than its name", () => {
    const plain = ["status", "facilityId", "serviceId"]
    const silent = operation.parameters.filter(
      ({ description, in: place, name }) => place === "query" && description === undefined && !plain.includes(name)
    )
    expect(silent).toEqual([])
    expect(operation.parameters.map(({ name }) => name)).toContain("lang")
  })

  it("answers by an envelope, or a stream of events, with 200 or a failure", () => {
    const { 200: success, ...failures } = operation.responses
    expect(success).toMatchObject({
      description: expect.stringMatching(/./),
      content: id.endsWith(".listEvents")
        ? { "text/event-stream": { schema: { type: "string", description: expect.stringMatching(/data.*Event/) } } }
        : { "application/json": { schema: { properties: { result: { required: ["success", "data"] } } } } }
    })
    expect(Object.keys(failures)).toEqual(expect.arrayContaining(["400", "401", "403", "404", "500", "503"]))
    for (const failure of Object.values(failures)) {
      expect(failure.content).toEqual({ "application/json": { schema: { $ref: "#/components/schemas/Failure" } } })
    }
  })

  it("takes an Idempotency-Key where it creates, the place to resume from where it follows, and no other header", () => {
    const headers = operation.parameters.filter((parameter) => parameter.in === "header")
    expect(headers.map(({ name, required }) => [name, required])).toEqual(
      // The answer of a new webhook is told once: its secret is not kept with it.
      method === "post" && !id.startsWith("webhooks.")
        ? [["Idempotency-Key", false]]
        : id.endsWith(".listEvents")
          ? [["Last-Event-Id", false]]
          : []
    )
  })

  it("has a required JSON body where it writes one", () => {
    const says = !/\.(rotateWebhookSecret|redeliver)$/.test(id)
    const hasBody = says && (method === "post" || method === "put")
    expect(operation.requestBody).toEqual(
      hasBody ? { required: true, content: { "application/json": { schema: expect.anything() } } } : undefined
    )
  })
})

describe("where a path is known from", () => {
  const descriptionOf = (name: string) => operations.find(({ id }) => id.endsWith(`.${name}`))?.operation.description

  it.each(routes())("is said of $operation: $provenance", ({ operation, provenance }) => {
    const expected = { documented: /^$/, "sister API": /sister API/, inferred: /inferred/, extension: /extension/ }
    expect(descriptionOf(operation) ?? "").toMatch(expected[provenance])
  })

  it("is nowhere for the extension, which says so", () => {
    expect(descriptionOf("listSlots")).toMatch(/extension/i)
    expect(descriptionOf("listAuditEntries")).toMatch(/extension/i)
  })
})

describe("members of requests", () => {
  const described = (component: string, member: string) =>
    String(document.components.schemas[component]?.properties?.[member]?.description)

  it.each([
    ["NewReservation", "dateFrom", /inclusive.*elapsed minutes/],
    ["NewReservation", "externalId", /channel's own id/],
    ["TermChange", "dateTo", /exclusive.*service's duration/],
    ["NewBlockedTime", "dateTo", /exclusive.*end of that day/],
    ["BlockedTimeChange", "dateTo", /exclusive.*Kept/],
    ["NewCalendar", "validTo", /inclusive/],
    ["CalendarEnd", "validTo", /inclusive.*today/],
    ["ServiceInput", "id", /allowedServices/],
    ["ServiceInput", "duration", /minutes/],
    ["IntervalInput", "timeTo", /exclusive/],
    ["IntervalInput", "weekDays", /1 Monday to 7 Sunday/],
    ["SyncConfirmation", "externalId", /required where/]
  ])("%s.%s say what their type does not", (component, member, words) => {
    expect(described(component, member)).toMatch(words)
  })

  it("say in which zone a wall-clock time is, by their type", () => {
    for (const name of ["WallTime", "LocalDateTime", "LocalDate", "LocalTime"]) {
      expect(document.components.schemas[name]?.description).toContain("facility's time zone")
    }
  })
})
