/** Mutants of operations 8 to 10. */
import { NoCapacityLeft, ValidationError } from "@bookio-kit/core/error/Refusal"
import type { ReservationId } from "@bookio-kit/core/scalar/Id"
import type { WallTime } from "@bookio-kit/core/time/WallTime"
import { Effect } from "effect"
import { type Mutant, mutant, newest, reservations } from "./Defect.ts"

const ref = (reservationId: ReservationId) => Effect.succeed({ reservationId })

const later = (time: WallTime, minutes: number): WallTime =>
  time._tag === "Local" ? { ...time, localMs: time.localMs + minutes * 60_000 } : time

type Port = Parameters<Parameters<typeof reservations>[0]>[0]

/** Changes a reservation twice, so that it is as it was and has changed. */
const touch = (real: Port, id: ReservationId) =>
  Effect.andThen(real.changeStatus(id, { status: "DID_NOT_COME" }), real.changeStatus(id, { status: "CONFIRMED" }))

const rowOf = (real: Port, id: ReservationId) => Effect.map(newest(real), (rows) => rows.find((row) => row.id === id))

export const changeMutants: ReadonlyArray<Mutant> = [
  mutant(
    "the status it has is set anew",
    reservations((real) => ({
      changeStatus: (id, change) =>
        Effect.flatMap(rowOf(real, id), (row) =>
          row === undefined || row.status !== change.status
            ? real.changeStatus(id, change)
            : change.status === "CANCELLED"
              ? Effect.andThen(real.changeStatus(id, { status: "CONFIRMED" }), real.changeStatus(id, change))
              : touch(real, id)
        )
    })),
    "changeReservationStatus MUST change nothing where the status is the one that it has"
  ),
  mutant(
    "the time of a cancellation stays when it is confirmed again",
    reservations((real) => {
      const cancelled = new Set<ReservationId>()
      return {
        changeStatus: (id, change) => {
          if (change.status === "CANCELLED") cancelled.add(id)
          return real.changeStatus(id, change)
        },
        list: (query) =>
          Effect.map(real.list(query), (page) => ({
            ...page,
            rows: page.rows.map((row) => (cancelled.has(row.id) ? { ...row, cancelTime: row.created } : row))
          }))
      }
    }),
    "changeReservationStatus MUST clear cancelTime and reason, and take the place again, when it is confirmed again"
  ),
  mutant(
    "a place is taken again without a look",
    reservations((real) => ({
      changeStatus: (id, change) => Effect.catchTag(real.changeStatus(id, change), "NoCapacityLeft", () => ref(id))
    })),
    "changeReservationStatus MUST refuse to confirm again what has lost its place with NoCapacityLeft"
  ),
  mutant(
    "any change of status is accepted",
    reservations((real) => ({
      changeStatus: (id, change) => Effect.catchTag(real.changeStatus(id, change), "ValidationError", () => ref(id))
    })),
    "changeReservationStatus MUST refuse a change between CANCELLED and DID_NOT_COME with code 10 about status",
    "changeReservationStatus MUST refuse to confirm again for a service that was removed with code 10",
    "changeReservationStatus MUST refuse to confirm again what is outside the opening by now with code 10"
  ),
  mutant(
    "duplicates are not looked for when it is confirmed again",
    reservations((real) => ({
      changeStatus: (id, change) =>
        Effect.catchTag(real.changeStatus(id, change), "DuplicateReservation", () => ref(id))
    })),
    "changeReservationStatus MUST refuse to confirm again for a person who has a place by now with DuplicateReservation",
    "changeReservationStatus MUST refuse to confirm again where its externalId has been used with DuplicateReservation"
  ),
  mutant(
    "a change of status of what is not there is a success",
    reservations((real) => ({
      changeStatus: (id, change) => Effect.catchTag(real.changeStatus(id, change), "ResourceNotFound", () => ref(id))
    })),
    "changeReservationStatus MUST refuse a reservation that is not there with ResourceNotFound"
  ),
  mutant(
    "the past cannot be changed",
    reservations((real) => ({
      changeStatus: (id, change) =>
        Effect.flatMap(rowOf(real, id), (row) =>
          row !== undefined && row.dateFrom < "2026-06"
            ? Effect.fail(new ValidationError({ problems: [{ key: "statusChange", field: "status" }] }))
            : real.changeStatus(id, change)
        )
    })),
    "changeReservationStatus MUST accept a change of what is past"
  ),
  mutant(
    "a cancellation does nothing",
    reservations((real) => ({
      changeStatus: (id, change) => (change.status === "CANCELLED" ? ref(id) : real.changeStatus(id, change))
    })),
    "changeReservationStatus MUST store when and why a reservation was cancelled, and free its place"
  ),
  mutant(
    "a move keeps the service's length",
    reservations((real) => ({ changeTerm: (id, { dateTo: _, ...change }) => real.changeTerm(id, change) })),
    "changeReservationTerm MUST move a reservation, its length too, and free the place that it had",
    "changeReservationTerm MUST keep dateFrom where dateTo stands alone"
  ),
  mutant(
    "a move without dateTo takes ninety minutes",
    reservations((real) => ({
      changeTerm: (id, change) =>
        real.changeTerm(
          id,
          change.dateFrom !== undefined && change.dateTo === undefined
            ? { ...change, dateTo: later(change.dateFrom, 90) }
            : change
        )
    })),
    "changeReservationTerm MUST take the service's duration where dateFrom stands alone or dateTo is null"
  ),
  mutant(
    "a move that changes nothing is a change",
    reservations((real) => ({
      changeTerm: (id, change) =>
        Object.keys(change).length === 0
          ? Effect.andThen(real.changeTerm(id, change), touch(real, id))
          : real.changeTerm(id, change)
    })),
    "changeReservationTerm MUST change nothing where nothing is given"
  ),
  mutant(
    "a reservation stands in its own way",
    reservations((real) => ({
      changeTerm: (id, change) =>
        Effect.flatMap(rowOf(real, id), (row) =>
          row !== undefined &&
          change.dateFrom?._tag === "Local" &&
          change.dateFrom.localMs > Date.parse(`${row.dateFrom}Z`) &&
          change.dateFrom.localMs < Date.parse(`${row.dateTo}Z`)
            ? Effect.fail(new NoCapacityLeft({ reason: "full" }))
            : real.changeTerm(id, change)
        )
    })),
    "changeReservationTerm MUST leave the reservation itself out of account",
    "changeReservationTerm MUST refuse to move into a time that clocks skip with code 10 about dateFrom or dateTo"
  ),
  mutant(
    "a move takes a place without a look",
    reservations((real) => ({
      changeTerm: (id, change) => Effect.catchTag(real.changeTerm(id, change), "NoCapacityLeft", () => ref(id))
    })),
    "changeReservationTerm MUST refuse a taken or blocked time with NoCapacityLeft, and leave the reservation as it was"
  ),
  mutant(
    "a move goes anywhere",
    reservations((real) => ({
      changeTerm: (id, change) => Effect.catchTag(real.changeTerm(id, change), "ValidationError", () => ref(id))
    })),
    "changeReservationTerm MUST refuse a dateTo that is not after dateFrom with code 10 about dateTo",
    "changeReservationTerm MUST refuse a term outside the opening with code 10 about dateFrom",
    "changeReservationTerm MUST refuse to move what is not CONFIRMED with code 10"
  ),
  mutant(
    "duplicates are not looked for in a move",
    reservations((real) => ({
      changeTerm: (id, change) => Effect.catchTag(real.changeTerm(id, change), "DuplicateReservation", () => ref(id))
    })),
    "changeReservationTerm MUST refuse the start of another reservation of the person with DuplicateReservation"
  ),
  mutant(
    "a move of what is not there is a success",
    reservations((real) => ({
      changeTerm: (id, change) => Effect.catchTag(real.changeTerm(id, change), "ResourceNotFound", () => ref(id))
    })),
    "changeReservationTerm MUST refuse a reservation that is not there with ResourceNotFound"
  ),
  mutant(
    "a confirmation does nothing",
    reservations((real) => ({
      confirmSync: (id, told) => Effect.map(rowOf(real, id), (row) => ({ reservationId: id, ...row, ...told }))
    })),
    "confirmReservationSync MUST ask for sync after each change, also the channel that made it, until it is confirmed"
  ),
  mutant(
    "a confirmation keeps the former externalId",
    reservations((real) => ({ confirmSync: (id) => real.confirmSync(id, {}) })),
    "confirmReservationSync MUST refuse an externalId of another reservation with DuplicateReservation, and change nothing",
    "confirmReservationSync MUST set the externalId that it is given, and give the former one free"
  ),
  mutant(
    "a confirmation is a change",
    reservations((real) => ({
      confirmSync: (id, told) =>
        Effect.gen(function* () {
          const row = yield* rowOf(real, id)
          const status = row?.status ?? "CONFIRMED"
          yield* real.changeStatus(id, { status: status === "CONFIRMED" ? "CANCELLED" : "CONFIRMED" })
          yield* real.changeStatus(id, { status })
          return yield* real.confirmSync(id, told)
        }).pipe(Effect.catchTag("NoCapacityLeft", Effect.die))
    })),
    "confirmReservationSync MUST NOT count as a change: the order of the listing stays"
  ),
  mutant(
    "a confirmation takes any externalId",
    reservations((real) => ({
      confirmSync: (id, told) => Effect.catchTag(real.confirmSync(id, told), "DuplicateReservation", () => ref(id))
    })),
    "confirmReservationSync MUST refuse an externalId of another reservation with DuplicateReservation, and change nothing"
  ),
  mutant(
    "a confirmation of what is not there is a success",
    reservations((real) => ({
      confirmSync: (id, told) => Effect.catchTag(real.confirmSync(id, told), "ResourceNotFound", () => ref(id))
    })),
    "confirmReservationSync MUST refuse a reservation that is not there with ResourceNotFound"
  ),
  mutant(
    "a confirmation needs no externalId",
    reservations((real) => ({
      confirmSync: (id, told) => Effect.catchTag(real.confirmSync(id, told), "ValidationError", () => ref(id))
    })),
    "confirmReservationSync MUST refuse to confirm without an externalId where the channel has told none with code 10"
  )
]
