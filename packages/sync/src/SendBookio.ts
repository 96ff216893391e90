/** Sends one change to Bookio and tells what came of it; the journal knows of it before. */
import { BackendError } from "@bookio-kit/core/error/BackendError"
import type { Refusal } from "@bookio-kit/core/error/Refusal"
import type { NewReservation } from "@bookio-kit/core/reservation/Reservation"
import { BlockedTimeId, ExternalId, ReservationId, ServiceId } from "@bookio-kit/core/scalar/Id"
import type { Intention, SyncItem } from "@bookio-kit/core/sync/SyncItem"
import type { SyncState } from "@bookio-kit/core/sync/SyncState"
import { writeTerm } from "@bookio-kit/core/sync/Terms"
import * as Effect from "effect/Effect"
import type { BookioError } from "./Bookio.ts"
import type { Booking } from "./Desired.ts"
import type { Person } from "./Plan.ts"
import { count, type Run } from "./Run.ts"

/**
 * `Done` with what Bookio shows by then. `Refused`: it said no, and nothing was done. `Unknown`: it may have happened, or
 * may yet.
 */
export type Outcome =
  | { readonly _tag: "Done"; readonly state: SyncState | undefined; readonly bookioId?: number }
  | { readonly _tag: "Refused"; readonly refusal: Refusal }
  | { readonly _tag: "Unknown" }

// Sent before any work, or never sent: there is proof that nothing was done (api.md, "Unknown outcome").
const nothingDone: ReadonlySet<BackendError["reason"]> = new Set(["RateLimited", "Overloaded", "Unreachable"])

// These are about the account and not about the item: the pass ends.
const isFatal = (error: BookioError): boolean =>
  error._tag === "InvalidToken" || error._tag === "PermissionDenied" || error._tag === "EndpointNotFound"

const outcomeOf = <A>(
  sent: Effect.Effect<A, BookioError>,
  done: (answer: A) => Outcome
): Effect.Effect<Outcome, BookioError> =>
  Effect.matchEffect(sent, {
    onSuccess: (answer) => Effect.succeed(done(answer)),
    onFailure: (error): Effect.Effect<Outcome, BookioError> => {
      if (error._tag !== "BackendError") {
        return isFatal(error) ? Effect.fail(error) : Effect.succeed({ _tag: "Refused", refusal: error })
      }
      return nothingDone.has(error.reason) ? Effect.fail(error) : Effect.succeed({ _tag: "Unknown" })
    }
  })

/** Sends an intention. @errors what Bookio says of the account, and failures with proof that nothing was done. */
export const sendBookio: (
  run: Run,
  item: SyncItem,
  intention: Intention,
  booking: Booking | undefined
) => Effect.Effect<Outcome, BookioError> = (run, item, intention, booking) =>
  Effect.suspend(() => {
    const isBlocked = item.kind === "busy" || item.kind === "mirror"
    return writing(
      run,
      isBlocked ? sendBlockedTime(run, item, intention) : sendReservation(run, item, intention, booking)
    )
  })

/** A write to Bookio, which is not sent once another one of this pass was turned away before any work. */
export const writing = <A, E>(run: Run, sent: Effect.Effect<A, E>): Effect.Effect<A, E | BackendError> =>
  Effect.suspend((): Effect.Effect<A, E | BackendError> => {
    if (run.bookioDown !== undefined) return Effect.fail(run.bookioDown)
    count(run, "writes")
    return Effect.tapError(sent, (error) =>
      Effect.sync(() => {
        if (error instanceof BackendError && nothingDone.has(error.reason)) run.bookioDown = error
      })
    )
  })

const sendBlockedTime = (run: Run, item: SyncItem, { action, externalId, target }: Intention) => {
  const { bookio, facilityId } = run.plan
  const { timeZone } = run.directory
  if (action === "remove" || target === undefined) {
    return outcomeOf(bookio.removeBlockedTime(BlockedTimeId.make(item.bookioId ?? 0)), () => ({
      _tag: "Done",
      state: undefined
    })).pipe(
      // Its id stands for one thing only: what is not there was removed (sync.md, "Unknown outcomes").
      Effect.map(
        (outcome): Outcome =>
          outcome._tag === "Refused" && outcome.refusal._tag === "ResourceNotFound"
            ? { _tag: "Done", state: undefined }
            : outcome
      )
    )
  }
  if (action === "create") {
    const sent = bookio.createBlockedTime({
      ...writeTerm(timeZone, target.term),
      externalId: ExternalId.make(externalId ?? 0),
      note: run.plan.notes ? target.text.slice(0, 2000) : "",
      facilityId
    })
    return outcomeOf(sent, ({ blockedTimeId }) => ({ _tag: "Done", state: target, bookioId: blockedTimeId }))
  }
  const sent = bookio.changeBlockedTime(BlockedTimeId.make(item.bookioId ?? 0), writeTerm(timeZone, target.term))
  return outcomeOf(sent, () => ({ _tag: "Done", state: target }))
}

const startOf = (run: Run, { term }: SyncState) => {
  const { dateTo: _, dateToOffset: __, ...start } = writeTerm(run.directory.timeZone, term)
  return start
}

const reservationOf = (
  run: Run,
  target: SyncState,
  externalId: number,
  serviceId: number,
  person: Person,
  note: string
): NewReservation => ({
  ...person,
  ...startOf(run, target),
  locale: run.plan.language,
  externalId: ExternalId.make(externalId),
  serviceId: ServiceId.make(serviceId),
  facilityId: run.plan.facilityId,
  ...(note === "" ? {} : { note: note.slice(0, 2000) })
})

const sendReservation = (
  run: Run,
  item: SyncItem,
  { action, externalId = 0, target }: Intention,
  booking: Booking | undefined
): Effect.Effect<Outcome, BookioError> => {
  const { bookio } = run.plan
  const { timeZone } = run.directory
  const idOf = () => ReservationId.make(item.bookioId ?? 0)
  if (action === "create" && target !== undefined) {
    const hold = run.plan.calendars.find(({ name }) => name === item.calendar)?.hold
    const who =
      item.kind === "hold"
        ? hold && { serviceId: hold.serviceId as number, person: hold.person }
        : booking && { serviceId: booking.serviceId, person: personOf(booking) }
    // Settings lost what it needs since it was intended.
    if (who === undefined) return Effect.fail(new BackendError({ reason: "Internal" }))
    // Its length becomes the service's; a longer or shorter event changes the term afterwards.
    const minutes = run.directory.service(who.serviceId)?.duration
    const made: SyncState =
      minutes === undefined
        ? target
        : { ...target, term: { startMs: target.term.startMs, endMs: target.term.startMs + minutes * 60_000 } }
    const note = run.plan.notes && booking?.isPrivate !== true ? target.text : ""
    const sent = bookio.createReservation(reservationOf(run, target, externalId, who.serviceId, who.person, note))
    return outcomeOf(sent, ({ reservationId }) => ({ _tag: "Done", state: made, bookioId: reservationId }))
  }
  if (action === "term" && target !== undefined) {
    return outcomeOf(bookio.changeTerm(idOf(), writeTerm(timeZone, target.term)), () => ({
      _tag: "Done",
      state: target
    }))
  }
  // A reservation is never removed: a hold that is not needed is cancelled.
  const status = target?.status ?? "CANCELLED"
  return outcomeOf(bookio.changeStatus(idOf(), { status }), () => ({ _tag: "Done", state: target }))
}

const personOf = ({ email, name, phone, surname }: Booking): Person => ({ email, name, phone, surname })
