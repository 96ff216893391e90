/**
 * What the server's tests share: the whole server in memory, over ports that are faked one by one, with what it logs.
 */
import { Authenticator } from "@bookio-kit/core/access/Authenticator"
import type { Access } from "@bookio-kit/core/access/Caller"
import { AuditEntries } from "@bookio-kit/core/audit/AuditEntries"
import { Freshness } from "@bookio-kit/core/backend/Freshness"
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import { InvalidToken } from "@bookio-kit/core/error/Refusal"
import { Events } from "@bookio-kit/core/event/Events"
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import { Readiness } from "@bookio-kit/core/health/Readiness"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import type { BlockedTimeId, CalendarId, ChannelId, ReservationId } from "@bookio-kit/core/scalar/Id"
import { Slots } from "@bookio-kit/core/slot/Slots"
import { Webhooks } from "@bookio-kit/core/webhook/Webhooks"
import { Writes } from "@bookio-kit/core/write/Writes"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as References from "effect/References"
import { type AccessEntry, AccessLog } from "../src/AccessLog.ts"
import * as KnownAnswers from "../src/KnownAnswers.ts"
import * as Server from "../src/Server.ts"

type Partially<S> = { readonly [K in keyof S]?: S[K] }

/** The members of ports that a test fakes itself; the others answer with something small. */
export interface Fakes {
  readonly authenticator?: Partially<Authenticator["Service"]>
  readonly blockedTimes?: Partially<BlockedTimes["Service"]>
  readonly calendars?: Partially<Calendars["Service"]>
  readonly events?: Partially<Events["Service"]>
  readonly facilities?: Partially<Facilities["Service"]>
  readonly readiness?: Partially<Readiness["Service"]>
  readonly reservations?: Partially<Reservations["Service"]>
  readonly auditEntries?: Partially<AuditEntries["Service"]>
  /** What the backend tells at once; without it no answer is known. */
  readonly freshness?: Freshness
  /** Whether each request has a span. */
  readonly isTraced?: boolean
  /** Runs a write in its own way; by default as it comes. */
  readonly writes?: Writes["Service"]
}

const channelId = 7 as ChannelId
const calendar = { calendarId: 1 as CalendarId, warnings: [] }
const reservation = { reservationId: 2 as ReservationId }
const blockedTime = { blockedTimeId: 3 as BlockedTimeId }
const page = { pagination: { total: 0, offset: 0, limit: 100 }, rows: [] }
const isAccess = (token: string): token is Access => ["book", "read", "write", "admin"].includes(token)

// A token is called after what it may do.
const authenticate: Authenticator["Service"]["authenticate"] = (token) => {
  const access = Redacted.value(token)
  if (isAccess(access)) return Effect.succeed({ channelId, access })
  return Effect.fail(new InvalidToken({ reason: access === "" ? "missing" : "invalid" }))
}

const ports = (fakes: Fakes) =>
  Layer.mergeAll(
    Layer.mock(Authenticator)({ authenticate, ...fakes.authenticator }),
    Layer.mock(Readiness)({ check: Effect.void, ...fakes.readiness }),
    Layer.mock(Facilities)({ list: Effect.succeed([]), ...fakes.facilities }),
    Layer.mock(Events)({ list: () => Effect.succeed({ events: [], hasGap: false }), ...fakes.events }),
    Layer.mock(Webhooks)({}),
    Layer.mock(Slots)({ list: () => Effect.succeed([]) }),
    Layer.mock(AuditEntries)({ list: () => Effect.succeed(page), ...fakes.auditEntries }),
    Layer.succeed(Writes)(
      fakes.writes ?? { run: (_, answer) => Effect.map(answer, (made) => ({ ...made, isReplay: false })) }
    ),
    Layer.mock(Calendars)({
      list: () => Effect.succeed([]),
      create: () => Effect.succeed(calendar),
      update: () => Effect.succeed(calendar),
      end: () => Effect.succeed(calendar),
      ...fakes.calendars
    }),
    Layer.mock(Reservations)({
      list: () => Effect.succeed(page),
      create: () => Effect.succeed(reservation),
      changeStatus: () => Effect.succeed(reservation),
      changeTerm: () => Effect.succeed(reservation),
      confirmSync: () => Effect.succeed(reservation),
      ...fakes.reservations
    }),
    Layer.mock(BlockedTimes)({
      list: () => Effect.succeed(page),
      create: () => Effect.succeed(blockedTime),
      changeTerm: () => Effect.succeed(blockedTime),
      remove: () => Effect.succeed(blockedTime),
      ...fakes.blockedTimes
    })
  )

export interface Asked {
  readonly method?: string
  /** Relative to the base path unless it begins with `//`, which stands for the root. */
  readonly path: string
  /** `book`, `read`, `write` or `admin`; `write` where left out. */
  readonly token?: string | undefined
  readonly json?: unknown
  readonly body?: string | Uint8Array<ArrayBuffer>
  readonly headers?: { readonly [name: string]: string }
  /** The address that the request comes from; unknown where left out. */
  readonly from?: string
}

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
  readonly result: {
    readonly success: boolean
    readonly errors?: ReadonlyArray<string>
    readonly errorCode?: number
    readonly reason?: string
    readonly retryable?: boolean
    readonly data?: unknown
  }
}

const toRequest = ({ body, headers = {}, json, method = "GET", path, token = "write" }: Asked) => {
  const content = json === undefined ? body : JSON.stringify(json)
  return new Request(`http://localhost${path.startsWith("//") ? path.slice(1) : `/public/api/v1${path}`}`, {
    method,
    headers: {
      ...(token === "" ? {} : { authorization: `Bearer ${token}` }),
      ...(content === undefined ? {} : { "content-type": "application/json" }),
      ...headers
    },
    ...(content === undefined ? {} : { body: content })
  })
}

/** The server over its fakes: `ask` answers a request, `entries` are those of the access log, `logs` the other log lines. */
export const makeServer = Effect.fnUntraced(function* (fakes: Fakes = {}) {
  const entries: Array<AccessEntry> = []
  const logs: Array<string> = []
  const logger = Logger.make(({ cause, fiber, logLevel, message }) => {
    const annotations = fiber.getRef(References.CurrentLogAnnotations)
    logs.push(JSON.stringify({ logLevel, message, annotations, cause }))
  })
  const accessLog = Layer.succeed(AccessLog)(AccessLog.of({ write: (entry) => void entries.push(entry) }))
  const freshness = fakes.freshness === undefined ? Layer.empty : Layer.succeed(Freshness)(fakes.freshness)
  const known = yield* Effect.service(KnownAnswers.KnownAnswers).pipe(
    Effect.provide(KnownAnswers.layer),
    Effect.provide([accessLog, freshness, Layer.succeed(References.TracerEnabled)(fakes.isTraced === true)])
  )
  const app = yield* HttpRouter.toHttpEffect(Server.layer).pipe(
    Effect.provide([ports(fakes), accessLog, Layer.succeed(KnownAnswers.KnownAnswers)(known), HttpServer.layerServices])
  )
  /** The answer before its body is read. */
  const open = (asked: Asked): Effect.Effect<HttpServerResponse.HttpServerResponse> =>
    app.pipe(
      Effect.provideService(
        HttpServerRequest.HttpServerRequest,
        HttpServerRequest.fromWeb(toRequest(asked)).modify({ remoteAddress: Option.fromUndefinedOr(asked.from) })
      ),
      Effect.scoped,
      Effect.provide(Logger.layer([logger])),
      Effect.orDie
    )
  const ask = (asked: Asked): Effect.Effect<Answer> =>
    open(asked).pipe(
      Effect.flatMap((response) => {
        const web = HttpServerResponse.toWeb(response)
        return Effect.promise(async () => {
          const text = await web.text()
          const json = web.headers.get("content-type") === "application/json" ? JSON.parse(text) : {}
          return { status: web.status, headers: web.headers, text, result: json.result as Answer["result"] }
        })
      })
    )
  return { ask, entries, known, logs, open }
})

/** A body that creates a reservation. */
export const newReservation = {
  name: "Marker Name",
  surname: "Marker Surname",
  email: "marker@example.com",
  phone: "+421948762315",
  dateFrom: "2030-01-07T10:00:00",
  locale: "sk",
  externalId: 123,
  serviceId: 1,
  facilityId: 1
}
