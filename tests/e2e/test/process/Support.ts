/** What the process tests share: a small clinic of their own, a client over kept connections, folders and processes that end with the test. */
import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { Agent, request } from "node:http"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { onTestFinished } from "vitest"
import { nodeEnv } from "../../src/Node.ts"
import { type ProxyOptions, type ProxyProcess, startProxy } from "../../src/Proxy.ts"

export const main = fileURLToPath(new URL("../../../../apps/http-proxy/src/main.ts", import.meta.url))
export const base = "/public/api/v1"

/** A listed row, as far as these tests look at it. */
export interface Row {
  readonly id: number
  readonly externalId?: number
  readonly number: string
  readonly name: string
  readonly email: string
  readonly phone: string
  readonly service: number
  readonly duration: number
  readonly dateFrom: string
  readonly dateFromOffset?: string
  readonly dateTo: string
  readonly dateToOffset?: string
  readonly needsSync: boolean
  readonly note?: string
  readonly status: string
  readonly cancellationReason?: string
}

export interface Result {
  readonly success: boolean
  readonly errorCode?: number
  readonly reason?: string
  readonly retryable?: boolean
  readonly errors?: ReadonlyArray<string>
  readonly data?: {
    readonly reservationId?: number
    readonly blockedTimeId?: number
    readonly calendarId?: number
    readonly reservations?: ReadonlyArray<Row>
    readonly blockedTimes?: ReadonlyArray<Row>
    readonly facilities?: ReadonlyArray<{ readonly id: number; readonly name: string }>
    readonly calendars?: ReadonlyArray<{
      readonly id: number
      readonly name: string
      readonly services: ReadonlyArray<{ readonly id: number; readonly name: string }>
    }>
    readonly slots?: ReadonlyArray<{
      readonly dateFrom: string
      readonly dateFromOffset?: string
      readonly dateTo: string
      readonly dateToOffset?: string
      readonly free: number
    }>
    readonly pagination?: { readonly total: number }
  }
}

export interface Answer {
  readonly status: number
  readonly headers: { readonly [name: string]: string | ReadonlyArray<string> | undefined }
  readonly text: string
  /** The envelope's `result`. */
  readonly result: Result
}

export interface Client {
  readonly send: (method: string, path: string, body?: unknown, headers?: Record<string, string>) => Promise<Answer>
  /** All rows of a listing, page after page. */
  readonly all: (path: string, member: "reservations" | "blockedTimes") => Promise<ReadonlyArray<Row>>
  readonly close: () => void
}

/** A client of one token that keeps its connections, at most `sockets` of them. A connection that breaks rejects. */
export const makeClient = (url: string, token = "cgm", sockets = 16): Client => {
  const agent = new Agent({ keepAlive: true, maxSockets: sockets })
  const send: Client["send"] = (method, path, body, headers = {}) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body)
      const sent = request(
        `${url}${path}`,
        {
          method,
          agent,
          headers: {
            authorization: `Bearer ${token}`,
            ...(text === undefined
              ? {}
              : { "content-type": "application/json", "content-length": Buffer.byteLength(text) }),
            ...headers
          }
        },
        (response) => {
          let received = ""
          response.setEncoding("utf8").on("data", (part: string) => {
            received += part
          })
          response.once("error", reject)
          response.once("end", () => {
            const json = (received.startsWith("{") ? JSON.parse(received) : {}) as { readonly result?: Result }
            resolve({
              status: response.statusCode as number,
              headers: response.headers,
              text: received,
              result: json.result ?? { success: false }
            })
          })
        }
      )
      sent.once("error", reject)
      sent.end(text)
    })
  return {
    send,
    all: async (path, member) => {
      const rows: Array<Row> = []
      while (true) {
        const separator = path.includes("?") ? "&" : "?"
        const { result } = await send("GET", `${base}${path}${separator}limit=100&offset=${rows.length}`)
        const page = result.data?.[member] ?? []
        rows.push(...page)
        if (page.length < 100) return rows
      }
    },
    close: () => agent.destroy()
  }
}

/** A folder that goes with the test; one that runs beside others passes its own `onTestFinished`. */
export const temporaryFolder = (onFinished: (clean: () => void) => void = onTestFinished): string => {
  const folder = mkdtempSync(join(tmpdir(), "bookio-process-"))
  onFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}

/** Starts the app for a test, which ends it if the test does not. */
export const start = async (options: ProxyOptions): Promise<ProxyProcess> => {
  const proxy = await startProxy(options)
  onTestFinished(async () => {
    await proxy.kill()
  })
  return proxy
}

/** Runs the app until it ends by itself, in `cwd`, with no settings but these. */
export const runToEnd = (cwd: string, env: { readonly [name: string]: string }) =>
  new Promise<{ readonly code: number | null; readonly stdout: string; readonly stderr: string }>((resolve) => {
    const child = spawn(process.execPath, [main], {
      cwd,
      stdio: ["ignore", "pipe", "pipe"],
      env: { ...nodeEnv, BOOKIO_PROXY_PORT: "0", ...env }
    })
    let stdout = ""
    let stderr = ""
    child.stdout.setEncoding("utf8").on("data", (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding("utf8").on("data", (text: string) => {
      stderr += text
    })
    // One that starts where it should not is ended, and tells so by its exit code.
    child.stdout.once("data", () => child.kill("SIGKILL"))
    child.once("close", (code) => resolve({ code, stdout, stderr }))
  })

const address = { street: "Hlavna 1", city: "Bratislava", postcode: "81101" }

/** A facility whose one calendar is open round the clock, for each service that is named. */
export const clinic = (
  key: string,
  timeZone: string,
  services: ReadonlyArray<{ readonly name: string; readonly duration: number; readonly capacity: number }>
) => ({
  key,
  name: key,
  address,
  contact: { phone: "+421900000000", email: "clinic@example.com" },
  timeZone,
  calendars: [
    {
      key: "day-and-night",
      name: "Day and night",
      validFrom: "2020-01-01",
      validTo: "2040-12-31",
      services: services.map((service, index) => ({ id: index + 1, ...service })),
      intervals: [{ name: "always", weekDays: [1, 2, 3, 4, 5, 6, 7], timeFrom: "00:00", timeTo: "24:00" }]
    }
  ]
})

/** A seed of some clinics, reached by two channels with tokens of their names, `cgm` and `web`. */
export const seedOf = (...facilities: Array<ReturnType<typeof clinic>>) => ({
  demo: true,
  facilities,
  channels: ["cgm", "web"].map((name) => ({
    name,
    facilities: facilities.map((facility) => facility.key),
    tokens: [{ token: name, access: "write" }]
  }))
})

/** The ids that the server gave to a seed's first calendars: each facility by its name, each service by its own. */
export const idsOf = async (client: Client) => {
  const { result } = await client.send("GET", `${base}/facilities/cgm`)
  const facilities = new Map(result.data?.facilities?.map(({ id, name }) => [name, id]))
  const service = async (facility: string, name: string): Promise<number> => {
    const { result } = await client.send("GET", `${base}/calendars?facilityId=${facilities.get(facility)}`)
    const found = result.data?.calendars?.flatMap(({ services }) => services).find((service) => service.name === name)
    if (found === undefined) throw new Error(`no service ${name}`)
    return found.id
  }
  return { facility: (name: string) => facilities.get(name) as number, service }
}

/** The body of a new reservation; `n` makes the person and the externalId its own. */
export const booking = (n: number, facilityId: number, serviceId: number, dateFrom: string) => ({
  name: `Name${n}`,
  surname: `Surname${n}`,
  email: `person${n}@example.com`,
  phone: `+4219${String(10_000_000 + n)}`,
  dateFrom,
  locale: "sk",
  externalId: n,
  serviceId,
  facilityId,
  note: `note ${n}`
})
