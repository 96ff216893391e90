/** Writes of a gateway's callers as tests send them: under a key, with an upstream that a test disturbs. */
import { type ApiError, toWireError } from "@bookio-kit/core/api/Envelope"
import { AuditEntries } from "@bookio-kit/core/audit/AuditEntries"
import { NewCalendar } from "@bookio-kit/core/calendar/Calendar"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { IdempotencyKey } from "@bookio-kit/core/idempotency/IdempotencyKey"
import { type RecordIds, Writes } from "@bookio-kit/core/write/Writes"
import { Effect, Fiber, Schema } from "effect"
import { TestClock } from "effect/testing"
import * as It from "./Support.ts"

export const { one, two } = It

export const table = It.keys(
  It.key("practice"),
  It.key("twin"),
  It.key("elsewhere", { facilities: new Set([two]) }),
  It.key("owner", { access: "admin", facilities: new Set([one]) })
)

export const upstream = It.gateway(table)

const bytes = (text: string) => new TextEncoder().encode(text)

export interface Told {
  readonly status: number
  readonly isReplay: boolean
  readonly text: string
}

/** What is told of a write that has no answer. */
export const failed = (text: string): Told => ({ status: 0, isReplay: false, text })

/** Writes as the server does, with the answer in a form of its own. */
export const write = <A extends object, R>(
  operation: string,
  run: Effect.Effect<A, ApiError, R>,
  ids: RecordIds = {},
  idempotency?: { readonly key: string; readonly body?: string }
) =>
  Effect.flatMap(Writes, (writes) =>
    writes.run(
      {
        operation,
        requestId: "request",
        ids,
        ...(idempotency === undefined
          ? {}
          : {
              idempotency: {
                key: IdempotencyKey.make(idempotency.key),
                body: bytes(idempotency.body ?? "body")
              }
            })
      },
      run.pipe(
        Effect.map((made) => ({ status: 200, body: bytes(JSON.stringify(made)), ids: made as RecordIds })),
        Effect.catch((error: ApiError) => {
          if (error._tag === "BackendError") return Effect.fail(error)
          const { errorCode, status } = toWireError(error, "request")
          return Effect.succeed({ status, errorCode: errorCode as number, body: bytes(error._tag) })
        })
      )
    )
  ).pipe(
    Effect.map(({ body, isReplay, status }) => ({ status, isReplay, text: new TextDecoder().decode(body) })),
    Effect.catch((error) => Effect.succeed(failed(error._tag === "BackendError" ? error.reason : error._tag)))
  )

/** Books the `n`th slot under a key. */
export const bookUnder = (key: string, n = 1, body?: string) =>
  write("createReservation", It.book(It.booking(n)), { facilityId: one }, body === undefined ? { key } : { key, body })

export const blockUnder = (key: string, n = 1) =>
  write("createBlockedTime", It.block(It.blocking(n)), { facilityId: one }, { key })

const newCalendar = Schema.decodeSync(NewCalendar)({
  name: "New",
  facilityId: one,
  validFrom: "2026-01-01T00:00:00",
  validTo: "2026-12-31T00:00:00",
  services: [{ id: 1, name: "Visit", duration: 30 }],
  intervals: [{ name: "Always", weekDays: [1], timeFrom: "08:00", timeTo: "12:00" }]
} as never)
export const calendarUnder = (key: string) =>
  write(
    "createCalendar",
    Effect.map(
      Effect.flatMap(Calendars, ({ create }) => create(newCalendar)),
      ({ calendarId }) => ({ calendarId })
    ),
    { facilityId: one },
    { key }
  )

export const audit = Effect.flatMap(AuditEntries, ({ list }) => list({}))
export const lines = Effect.map(audit, ({ rows }) =>
  rows.map(
    ({ errorCode, operation, status }) => `${operation} ${status}${errorCode === undefined ? "" : ` ${errorCode}`}`
  )
)

export const calls = (name: string) => Effect.map(It.Tap, ({ calls }) => calls.filter((call) => call === name).length)
export const booked = Effect.map(It.past(It.listReservations({})), ({ pagination }) => pagination.total)

export const failing = (reason: BackendError["reason"]) => new BackendError({ reason })

/** The next calls by that name are done and then fail, or only fail. */
export const disturb = (name: string, when: "before" | "after", reason: BackendError["reason"]) =>
  Effect.map(It.Tap, (tap) => {
    tap.around = (called, call) => {
      if (called !== name) return call
      return when === "after" ? Effect.andThen(call, Effect.fail(failing(reason))) : Effect.fail(failing(reason))
    }
  })
export const calm = Effect.map(It.Tap, (tap) => {
  tap.around = (_, call) => call
})

/** Runs while time passes, as it does for a caller who waits. */
export const inTime = <A, E, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(effect)
    yield* TestClock.adjust("20 seconds")
    return yield* Fiber.join(fiber)
  })

export const practice = It.as("practice")
