/**
 * Core's port of reservations. All keys of one upstream token share its channel, so what belongs to a channel (who made a
 * reservation, what is synced) cannot be told apart among them: keys of access `book` list none, and one key confirms sync.
 */

import { DuplicateReservation, PermissionDenied } from "@bookio-kit/core/error/Refusal"
import type { Page } from "@bookio-kit/core/page/Page"
import type { NewReservation, Reservation } from "@bookio-kit/core/reservation/Reservation"
import { type ReservationQuery, Reservations } from "@bookio-kit/core/reservation/Reservations"
import type { ReservationId } from "@bookio-kit/core/scalar/Id"
import { fromEpochDay } from "@bookio-kit/core/time/LocalDate"
import { fromLocalMs } from "@bookio-kit/core/time/LocalDateTime"
import type { WallTime } from "@bookio-kit/core/time/WallTime"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { madeBefore } from "./Attempt.ts"
import { listing } from "./Listing.ts"
import { allow, cached, parts, targetsOf } from "./Reading.ts"
import type { Session } from "./Session.ts"

// An instant means a text only in a zone, so of one nothing can be said.
const textOf = (time: WallTime): string | undefined => {
  if (time._tag === "Instant") return undefined
  return time._tag === "Day" ? `${fromEpochDay(time.epochDay)}T00:00:00` : fromLocalMs(time.localMs)
}

/** Whether a row could be a new reservation whose externalId was replaced since: the same person, service and start. */
const mayBe = (row: Reservation, { dateFrom, name, serviceId, surname }: NewReservation): boolean =>
  row.service === serviceId && row.name === `${name} ${surname}` && (textOf(dateFrom) ?? row.dateFrom) === row.dateFrom

const denied = new PermissionDenied({ reason: "access" })

export const layer = Layer.effect(Reservations)(
  Effect.map(parts, (given) => {
    const { cache, index, lifetimes, upstream } = given

    const ask = (session: Session, query: ReservationQuery) =>
      upstream.read(
        session,
        Effect.flatMap(Reservations, ({ list }) => list(query))
      )
    const listed = listing(index, "reservation", ask)

    /** Changes a reservation of the session. */
    const change = Effect.fnUntraced(function* <A, E, R>(
      session: Session,
      reservationId: ReservationId,
      use: Effect.Effect<A, E, R>
    ) {
      const facilityId = yield* index.facilityOf(session, "reservation", reservationId)
      return yield* cache.write(facilityId === undefined ? "all" : [facilityId], upstream.write(session, use))
    })

    return Reservations.of({
      list: Effect.fn("Reservations.list")(function* (query) {
        const session = yield* given.session
        if (session.access === "book") return yield* denied
        yield* allow(session, query.facilityId)
        const targets = targetsOf(session, query.facilityId)
        const fill = listed(session, targets, query)
        // Who follows changes must see them all, and in time.
        if (query.lastSync !== undefined || query.onlyUnsynced !== undefined) return yield* fill
        return yield* cached<Page<Reservation>, Effect.Error<typeof fill>, Effect.Services<typeof fill>>(
          given,
          session,
          {
            operation: "listReservations",
            query,
            concerned: targets ?? "all",
            lifetimeMs: lifetimes.rowsMs,
            mayBeStale: false,
            rows: ({ rows }) => rows.length
          },
          fill
        )
      }),
      create: Effect.fn("Reservations.create")(function* (reservation) {
        const { externalId, facilityId, serviceId } = reservation
        const session = yield* given.session
        yield* allow(session, facilityId)
        const earlier = yield* madeBefore(
          externalId,
          (query) => ask(session, { ...query, facilityId }),
          (row) => mayBe(row, reservation)
        )
        if (earlier !== undefined) {
          yield* index.learn("reservation", facilityId, [earlier.id])
          return { reservationId: earlier.id, externalId }
        }
        yield* index.facilityOf(session, "service", serviceId, facilityId)
        const use = Effect.flatMap(Reservations, ({ create }) => create(reservation))
        const written = yield* cache.write([facilityId], upstream.write(session, use)).pipe(
          Effect.catchTag("DuplicateReservation", (error) =>
            // Whose reservation it is, the upstream cannot tell for this key.
            Effect.fail(session.access === "book" ? new DuplicateReservation({ reason: error.reason }) : error)
          )
        )
        yield* index.learn("reservation", facilityId, [written.reservationId])
        return written
      }),
      changeStatus: Effect.fn("Reservations.changeStatus")(function* (reservationId, status) {
        const session = yield* given.session
        return yield* change(
          session,
          reservationId,
          Effect.flatMap(Reservations, ({ changeStatus }) => changeStatus(reservationId, status))
        )
      }),
      changeTerm: Effect.fn("Reservations.changeTerm")(function* (reservationId, term) {
        const session = yield* given.session
        return yield* change(
          session,
          reservationId,
          Effect.flatMap(Reservations, ({ changeTerm }) => changeTerm(reservationId, term))
        )
      }),
      confirmSync: Effect.fn("Reservations.confirmSync")(function* (reservationId, confirmation) {
        const session = yield* given.session
        if (!session.sync) return yield* denied
        return yield* change(
          session,
          reservationId,
          Effect.flatMap(Reservations, ({ confirmSync }) => confirmSync(reservationId, confirmation))
        )
      })
    })
  })
)
