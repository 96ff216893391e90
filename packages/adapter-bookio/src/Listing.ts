/** The remote server's whole listings as streams (`@bookio-kit/core/page/Listing`), in the order that it is known to keep. */
import type { Caller } from "@bookio-kit/core/access/Caller"
import type { BlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import type { BlockedTimeQuery } from "@bookio-kit/core/blocked-time/BlockedTimes"
import type { BackendError } from "@bookio-kit/core/error/BackendError"
import type { InvalidToken, PermissionDenied } from "@bookio-kit/core/error/Refusal"
import { type Listed, paged } from "@bookio-kit/core/page/Listing"
import type { Reservation } from "@bookio-kit/core/reservation/Reservation"
import type { ReservationQuery } from "@bookio-kit/core/reservation/Reservations"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { BookioClient } from "./BookioClient.ts"
import { listBlockedTimes, listReservations } from "./Operations.ts"

type ListError = PermissionDenied | InvalidToken | BackendError

/** All reservations that a query asks for; by `deadlineMs` (Unix time in milliseconds), else each page by the time-out. */
export const reservations = (
  query: Omit<ReservationQuery, "offset" | "limit">,
  deadlineMs?: number
): Stream.Stream<Listed<Reservation>, ListError, BookioClient | Caller> =>
  Stream.unwrap(
    Effect.map(BookioClient, (client) =>
      paged((offset, limit) => listReservations(client, { ...query, offset, limit }, deadlineMs), client.order)
    )
  )

/** All blocked times that a query asks for; as `reservations`. */
export const blockedTimes = (
  query: Omit<BlockedTimeQuery, "offset" | "limit">,
  deadlineMs?: number
): Stream.Stream<Listed<BlockedTime>, ListError, BookioClient | Caller> =>
  Stream.unwrap(
    Effect.map(BookioClient, (client) =>
      paged((offset, limit) => listBlockedTimes(client, { ...query, offset, limit }, deadlineMs), client.order)
    )
  )
