/** What the ports share: the schemas of the contract's answers, the refusals that a method may fail with, the two lists. */
import { BookioApi } from "@bookio-kit/core/api/BookioApi"
import type { BlockedTimeQuery } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import type { Refusal } from "@bookio-kit/core/error/Refusal"
import type { Page, Pagination } from "@bookio-kit/core/page/Page"
import type { ReservationQuery } from "@bookio-kit/core/reservation/Reservations"
import * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"
import type { BookioClientService } from "./BookioClient.ts"
import { UnexpectedRefusal } from "./Failures.ts"

/** The schema of an endpoint's success, from the contract. */
export const successOf = <S extends Schema.Top>(endpoint: {
  readonly success: ReadonlySet<Schema.Top>
  readonly "~Success": S
}): S => {
  const [success] = endpoint.success
  // The set has the one schema that `~Success` is the type of; `HttpApi` keeps that type beside it and not in it.
  return success as S
}

/** The groups of the contract. */
export const { blockedTimes, calendars, facilities, reservations } = BookioApi.groups

/** Asks the client for the response as it is: what it means is read by `Answers`. */
export const responseMode = "response-only" as const

/** Fails with the refusals that a port names; any other is a server that is not one of this API. */
export const only = <const Tags extends ReadonlyArray<Refusal["_tag"]>>(...tags: Tags) => {
  type Named = Extract<Refusal, { readonly _tag: Tags[number] }>
  const isNamed = (error: Refusal | BackendError): error is Named => tags.some((tag) => tag === error._tag)
  return <A, R>(self: Effect.Effect<A, Refusal | BackendError, R>): Effect.Effect<A, Named | BackendError, R> =>
    Effect.catch(self, (error) =>
      Effect.fail(
        isNamed(error) || error._tag === "BackendError"
          ? error
          : new BackendError({ reason: "Internal", cause: new UnexpectedRefusal({ refusal: error._tag }) })
      )
    )
}

const listErrors = only("PermissionDenied", "InvalidToken")

const pageOf = <A>(pagination: Pagination, rows: ReadonlyArray<A>, asOfMs: number | undefined): Page<A> =>
  asOfMs === undefined ? { pagination, rows } : { pagination, rows, asOfMs }

/** The success of operation 6. */
export const reservationPage = successOf(reservations.endpoints.listReservations)

/** Operation 6. */
export const listReservations = (client: BookioClientService, query: ReservationQuery, deadlineMs?: number) =>
  client
    .read(
      {
        operation: "listReservations",
        success: reservationPage,
        send: (lang) => client.api.reservations.listReservations({ query: { ...query, ...lang }, responseMode })
      },
      deadlineMs
    )
    .pipe(
      listErrors,
      Effect.map(({ asOfMs, data }) => pageOf(data.pagination, data.reservations, asOfMs))
    )

/** The success of operation 11. */
export const blockedTimePage = successOf(blockedTimes.endpoints.listBlockedTimes)

/** Operation 11. */
export const listBlockedTimes = (client: BookioClientService, query: BlockedTimeQuery, deadlineMs?: number) =>
  client
    .read(
      {
        operation: "listBlockedTimes",
        success: blockedTimePage,
        send: (lang) => client.api.blockedTimes.listBlockedTimes({ query: { ...query, ...lang }, responseMode })
      },
      deadlineMs
    )
    .pipe(
      listErrors,
      Effect.map(({ asOfMs, data }) => pageOf(data.pagination, data.blockedTimes, asOfMs))
    )
