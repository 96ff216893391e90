/**
 * What the wire tests share: a seed of their own, a plain client on node:http, and the check that every answer fits the
 * OpenAPI document that the server itself serves.
 */
import { type Agent, type IncomingHttpHeaders, request } from "node:http"
import { connect } from "node:net"
import { openApiDocument } from "@bookio-kit/core/api/Document"
import { type Json, problemsOf, undocumented } from "./JsonSchema.ts"

export const basePath = "/public/api/v1"

const token = (name: string) => `${name}-`.padEnd(43, "x")

/** The tokens of the seed: four levels of channel `cgm`, an expired one of it, and two other channels. */
export const tokens = {
  book: token("book"),
  read: token("read"),
  write: token("write"),
  admin: token("admin"),
  expired: token("expired"),
  web: token("web"),
  foreign: token("foreign")
} as const

const services = [
  { id: 1, name: "Some service", note: "Some note", duration: 30 },
  { id: 2, name: "Group therapy", duration: 60, capacity: 3 },
  { id: 3, name: "Hidden service", duration: 30, hiddenInOnlineForm: true, referralLetter: true }
]
const everyDay = [1, 2, 3, 4, 5, 6, 7]
const validity = { validFrom: "2020-01-01", validTo: "2039-12-31" }

const roundTheClock = (key: string) => ({
  key,
  name: "Round the clock",
  ...validity,
  services,
  intervals: [{ name: "Always", weekDays: everyDay, timeFrom: "00:00", timeTo: "24:00" }]
})

const office = {
  key: "office",
  name: "Office",
  ...validity,
  services: [services[0]],
  intervals: [{ name: "Mornings", weekDays: [1, 2, 3, 4, 5], timeFrom: "08:00", timeTo: "12:00" }]
}

const address = {
  street: "Second street",
  city: "Bratislava",
  postcode: 82104,
  country: { name: "Slovakia", code: "SVK" },
  gps: { latitude: 48.152115, longitude: 17.108769 }
}
const contact = { phone: "+421999888777", email: "test@bookio.com" }

/** Facilities 1 (Bratislava), 2 (London) and 3 (of another channel), the first with the reference's own values. */
export const seed = {
  facilities: [
    {
      key: "abc",
      name: "Stomatologia ABC",
      address,
      contact,
      timeZone: "Europe/Bratislava",
      calendars: [roundTheClock("always"), office]
    },
    {
      key: "london",
      name: "London",
      address: { ...address, postcode: "W1A 1AA" },
      contact: {},
      timeZone: "Europe/London",
      calendars: [roundTheClock("always")]
    },
    {
      key: "foreign",
      name: "Foreign",
      address,
      contact,
      timeZone: "Europe/Bratislava",
      calendars: [roundTheClock("a")]
    }
  ],
  channels: [
    {
      name: "cgm",
      facilities: ["abc", "london"],
      tokens: [
        { token: tokens.book, access: "book" },
        { token: tokens.read, access: "read" },
        { token: tokens.write, access: "write" },
        { token: tokens.admin, access: "admin" },
        { token: tokens.expired, access: "write", expiresAt: "2020-01-01T00:00:00Z" }
      ]
    },
    { name: "web", facilities: ["abc"], tokens: [{ token: tokens.web, access: "write" }] },
    { name: "foreign", facilities: ["foreign"], tokens: [{ token: tokens.foreign, access: "write" }] }
  ]
}

export interface Sent {
  readonly method?: string
  /** The whole path with its query. */
  readonly path: string
  /** A token of the seed; null for none. The write token where left out. */
  readonly token?: string | null
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is. */
  readonly body?: string | Uint8Array
  readonly headers?: { readonly [name: string]: string | ReadonlyArray<string> }
}

export interface Envelope {
  readonly result: {
    readonly success: boolean
    readonly errors?: ReadonlyArray<string>
    readonly errorCode?: number
    readonly reason?: string
    readonly retryable?: boolean
    readonly data?: { readonly [name: string]: unknown }
  }
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly text: string
}

/** Sends one request. A connection that ends without an answer, or an answer that takes over ten seconds, is an error. */
export const send = (url: string, sent: Sent, agent?: Agent): Promise<Answer> =>
  new Promise((resolve, reject) => {
    const { body, headers = {}, json, method = "GET", path } = sent
    const bearer = sent.token === undefined ? tokens.write : sent.token
    const { hostname, port } = new URL(url)
    const outgoing = request(
      {
        hostname: hostname.replace(/^\[|\]$/g, ""),
        port,
        method,
        path,
        ...(agent === undefined ? {} : { agent }),
        headers: {
          ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
          ...(json === undefined ? {} : { "content-type": "application/json" }),
          ...headers
        } as { readonly [name: string]: string }
      },
      (incoming) => {
        let text = ""
        incoming.setEncoding("utf8")
        incoming.on("data", (part: string) => {
          text += part
        })
        incoming.on("end", () => resolve({ status: incoming.statusCode ?? 0, headers: incoming.headers, text }))
        incoming.on("error", reject)
      }
    )
    outgoing.setTimeout(10_000, () => outgoing.destroy(new Error(`no answer to ${method} ${path}`)))
    outgoing.on("error", reject)
    outgoing.end(json === undefined ? body : JSON.stringify(json))
  })

/**
 * Writes parts to a connection of their own, each after the answer to the one before has begun to arrive, and gives all
 * that comes back until the server ends it.
 */
export const converse = (url: string, parts: ReadonlyArray<string | Uint8Array>, limitMs = 10_000): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    const left = [...parts]
    const socket = connect(Number(port), hostname.replace(/^\[|\]$/g, ""), () => socket.write(left.shift() ?? ""))
    let text = ""
    socket.setEncoding("utf8").on("data", (part: string) => {
      text += part
      const next = left.shift()
      if (next !== undefined) socket.write(next)
    })
    socket.setTimeout(limitMs, () => socket.destroy(new Error(`the connection stayed open; so far: ${text}`)))
    socket.on("error", reject)
    socket.on("close", () => resolve(text))
  })

/** Writes bytes to a connection of their own, and gives all that comes back until the server ends it. */
export const exchange = (url: string, bytes: string | Uint8Array, limitMs?: number): Promise<string> =>
  converse(url, [bytes], limitMs)

type Operation = { readonly responses: { readonly [status: string]: Json } }

const document = openApiDocument()
const templated = (path: string) => Number(path.includes("{"))
// A path without parameters is matched before one with them (OpenAPI 3.1, "Path Templating Matching").
const operations = Object.entries(
  document.paths as { readonly [path: string]: { readonly [method: string]: Operation } }
)
  .toSorted(([a], [b]) => templated(a) - templated(b))
  .map(([path, methods]) => ({ pattern: new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+")}$`), methods }))

const schemaOf = (response: Json): Json =>
  ((response.content as { readonly [type: string]: Json })["application/json"] as Json).schema as Json

/**
 * What of an answer departs from the contract: status, content type, request id, envelope, and the document's schema for
 * that operation and status; for a path that has no operation the failure envelope.
 */
export const contractProblems = (method: string, path: string, answer: Answer): ReadonlyArray<string> => {
  const pathname = path.split("?")[0] ?? path
  const responses = operations.find(({ pattern }) => pattern.test(pathname))?.methods[method.toLowerCase()]?.responses
  const failure = { $ref: "#/components/schemas/Failure" }
  const response = responses?.[answer.status]
  if (responses !== undefined && response === undefined) return [`status ${answer.status} is not in the document`]
  if (!/^application\/json\b/.test(answer.headers["content-type"] ?? "")) {
    return [`content type ${answer.headers["content-type"]}`]
  }
  if (!/^[\w.:@/+=-]{1,128}$/.test(String(answer.headers["x-request-id"]))) return ["no request id"]
  let body: Envelope
  try {
    body = JSON.parse(answer.text) as Envelope
  } catch {
    return [`no JSON: ${answer.text.slice(0, 200)}`]
  }
  const schema = response === undefined ? failure : schemaOf(response)
  const failed = !body.result.success
  return [
    ...problemsOf(document, schema, body),
    ...undocumented(document, schema, body),
    ...(failed === answer.status >= 400 ? [] : [`success ${body.result.success} with status ${answer.status}`]),
    ...(failed && (body.result.errors ?? []).length === 0 ? ["a failure without errors"] : []),
    ...(failed && body.result.errorCode === undefined && body.result.reason === undefined ? ["no errorCode"] : [])
  ]
}

/** The answer of one request as the contract has it, with its envelope. @throws where it departs from the contract. */
export interface Called extends Answer {
  readonly result: Envelope["result"]
}

/** Sends a request to the API, and fails unless the answer fits the contract. `path` is relative unless it starts with /ext. */
export const caller =
  (url: () => string) =>
  async (method: string, path: string, json?: unknown, rest: Partial<Sent> = {}): Promise<Called> => {
    const whole = path.startsWith("/ext/") ? path : `${basePath}${path}`
    const answer = await send(url(), { method, path: whole, ...(json === undefined ? {} : { json }), ...rest })
    const problems = contractProblems(method, whole, answer)
    if (problems.length > 0) {
      throw new Error(`${method} ${whole} ${answer.status}: ${problems.join("; ")}\n${answer.text}`)
    }
    return { ...answer, result: (JSON.parse(answer.text) as Envelope).result }
  }

let drawn = 0
/** A person whom nobody has seen before, with an externalId of their own. */
export const somebody = () => {
  drawn += 1
  return {
    name: "John",
    surname: `Number ${drawn}`,
    email: `john.${drawn}@example.com`,
    phone: `+42194${String(8_000_000 + drawn)}`,
    locale: "sk",
    externalId: 1_000_000 + drawn
  }
}

/** What creates a reservation in facility 1, calendar "Round the clock", service 1, unless told otherwise. */
export const booking = (dateFrom: string, change: { readonly [member: string]: unknown } = {}) => ({
  ...somebody(),
  dateFrom,
  facilityId: 1,
  serviceId: 1,
  ...change
})
