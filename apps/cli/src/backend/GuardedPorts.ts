/**
 * The engine's ports as a server guards them: what the access of a token does not allow is refused (engine.md, rule 12),
 * and a write goes through `Writes`, with its line in the audit log and its answer under an `Idempotency-Key`.
 */
import { CurrentIdempotencyKey } from "@bookio-kit/adapter-bookio/CurrentIdempotencyKey"
import { type Access, Caller } from "@bookio-kit/core/access/Caller"
import { type ApiError, toFailure, toWireError } from "@bookio-kit/core/api/Envelope"
import { bookers, everyone, readers, writers } from "@bookio-kit/core/api/Operation"
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { PermissionDenied } from "@bookio-kit/core/error/Refusal"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { type RecordIds, Writes } from "@bookio-kit/core/write/Writes"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { Invocation } from "../Invocation.ts"

/** Which access may do what, as the contract's endpoints declare it. */
export const allowed = {
  listCalendars: everyone,
  createCalendar: writers,
  updateCalendar: writers,
  endCalendar: writers,
  listReservations: everyone,
  createReservation: bookers,
  changeReservationStatus: writers,
  changeReservationTerm: writers,
  confirmReservationSync: writers,
  listBlockedTimes: readers,
  createBlockedTime: writers,
  changeBlockedTimeTerm: writers,
  removeBlockedTime: writers
} as const satisfies { readonly [operation: string]: ReadonlySet<Access> }

type Operation = keyof typeof allowed

const checkAccess = (operation: Operation) =>
  Effect.flatMap(Caller, ({ access }) =>
    allowed[operation].has(access) ? Effect.void : Effect.fail(new PermissionDenied({ reason: "access" }))
  )

const utf8 = new TextEncoder()
const bytesOf = (value: unknown): Uint8Array => utf8.encode(JSON.stringify(value))

// Of the bytes that `recorded` has stored; the refusal is read as a client reads it.
const replayed = Effect.fnUntraced(function* <A, E>(operation: Operation, status: number, bytes: Uint8Array) {
  const [{ judge }, { toRefusal }] = yield* Effect.promise(() =>
    Promise.all([import("@bookio-kit/adapter-bookio/Answers"), import("@bookio-kit/adapter-bookio/Refusals")])
  )
  const verdict = judge({ bytes, ended: "whole", headers: {}, status }, "write")
  if (verdict._tag === "Success") return verdict.data as A
  if (verdict._tag === "Refusal") return yield* Effect.fail(toRefusal(verdict, operation, "en") as E)
  return yield* Effect.die(new Error("a stored answer cannot be read"))
})

type Done<A, E> = { readonly _tag: "Made"; readonly value: A } | { readonly _tag: "Refused"; readonly error: E }

const makeRecorded = Effect.gen(function* () {
  const writes = yield* Writes
  const { requestId } = yield* Invocation
  return Effect.fnUntraced(function* <A, E extends ApiError, R>(
    operation: Operation,
    ids: RecordIds,
    payload: object,
    run: Effect.Effect<A, E, R>
  ) {
    const { language } = yield* Caller
    const key = operation.startsWith("create") ? yield* CurrentIdempotencyKey : undefined
    let done: Done<A, Exclude<E, BackendError> | PermissionDenied> | undefined
    const answer = checkAccess(operation).pipe(
      Effect.andThen(run),
      Effect.map((value) => {
        done = { _tag: "Made", value }
        return { status: 200, body: bytesOf({ result: { success: true, data: value } }) }
      }),
      Effect.catch((error) => {
        if (error instanceof BackendError) return Effect.fail(error)
        const refusal = error as Exclude<E, BackendError> | PermissionDenied
        done = { _tag: "Refused", error: refusal }
        const { errorCode, status } = toWireError(refusal, requestId)
        const body = bytesOf(toFailure(refusal, requestId, language))
        return Effect.succeed(errorCode === undefined ? { status, body } : { status, errorCode, body })
      })
    )
    const idempotency = key === undefined ? {} : { idempotency: { key, body: bytesOf(payload) } }
    const answered = yield* writes.run({ operation, requestId, ids, ...idempotency }, answer)
    // Set where the answer was made in this run, which the analysis of assignments in closures does not see.
    const made = done as Done<A, Exclude<E, BackendError> | PermissionDenied> | undefined
    if (answered.isReplay || made === undefined) {
      return yield* replayed<A, Exclude<E, BackendError>>(operation, answered.status, answered.body)
    }
    return made._tag === "Made" ? made.value : yield* Effect.fail(made.error)
  })
})

const reservations = Layer.effect(Reservations)(
  Effect.gen(function* () {
    const port = yield* Reservations
    const recorded = yield* makeRecorded
    return Reservations.of({
      list: (query) => Effect.andThen(checkAccess("listReservations"), port.list(query)),
      create: (payload) => {
        const { facilityId, serviceId } = payload
        return recorded("createReservation", { facilityId, serviceId }, payload, port.create(payload))
      },
      changeStatus: (reservationId, change) =>
        recorded("changeReservationStatus", { reservationId }, change, port.changeStatus(reservationId, change)),
      changeTerm: (reservationId, change) =>
        recorded("changeReservationTerm", { reservationId }, change, port.changeTerm(reservationId, change)),
      confirmSync: (reservationId, confirmation) =>
        recorded(
          "confirmReservationSync",
          { reservationId },
          confirmation,
          port.confirmSync(reservationId, confirmation)
        )
    })
  })
)

const calendars = Layer.effect(Calendars)(
  Effect.gen(function* () {
    const port = yield* Calendars
    const recorded = yield* makeRecorded
    const idsOf = (facilityId: RecordIds["facilityId"]) => (facilityId === undefined ? {} : { facilityId })
    return Calendars.of({
      list: (query) => Effect.andThen(checkAccess("listCalendars"), port.list(query)),
      create: (payload) => recorded("createCalendar", idsOf(payload.facilityId), payload, port.create(payload)),
      update: (calendarId, change) =>
        recorded(
          "updateCalendar",
          { calendarId, ...idsOf(change.facilityId) },
          change,
          port.update(calendarId, change)
        ),
      end: (calendarId, end) =>
        recorded("endCalendar", { calendarId, ...idsOf(end.facilityId) }, end, port.end(calendarId, end))
    })
  })
)

const blockedTimes = Layer.effect(BlockedTimes)(
  Effect.gen(function* () {
    const port = yield* BlockedTimes
    const recorded = yield* makeRecorded
    return BlockedTimes.of({
      list: (query) => Effect.andThen(checkAccess("listBlockedTimes"), port.list(query)),
      create: (payload) =>
        recorded("createBlockedTime", { facilityId: payload.facilityId }, payload, port.create(payload)),
      changeTerm: (blockedTimeId, change) =>
        recorded("changeBlockedTimeTerm", { blockedTimeId }, change, port.changeTerm(blockedTimeId, change)),
      remove: (blockedTimeId) =>
        recorded("removeBlockedTime", { blockedTimeId }, { blockedTimeId }, port.remove(blockedTimeId)).pipe(
          // A key that was used for something else is a creating request's only.
          Effect.catchTag("ValidationError", Effect.die)
        )
    })
  })
)

/** The guarded ports over the engine's own. */
export const layer = Layer.mergeAll(reservations, calendars, blockedTimes)
