/** Mutants of operations 12 to 14. */
import { DuplicateReservation, ResourceNotFound, ValidationError } from "@bookio-kit/core/error/Refusal"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { BlockedTimeId, ExternalId } from "@bookio-kit/core/scalar/Id"
import type { WallTime } from "@bookio-kit/core/time/WallTime"
import { Context, Effect } from "effect"
import { blockedTimes, type Mutant, mutant, newest } from "./Defect.ts"

const anId = { blockedTimeId: BlockedTimeId.make(1) }

const asMidnight = (time: WallTime): WallTime =>
  time._tag === "Day" ? { _tag: "Local", localMs: time.epochDay * 86_400_000 } : time

export const blockedTimeMutants: ReadonlyArray<Mutant> = [
  mutant(
    "a day alone is its start at the end of a blocked time too",
    blockedTimes((real) => ({ create: (given) => real.create({ ...given, dateTo: asMidnight(given.dateTo) }) })),
    "createBlockedTime MUST take a dateTo that is only a day to mean the end of that day"
  ),
  mutant(
    "a reservation cannot be blocked",
    blockedTimes((real, ports) => ({
      create: (given) =>
        Effect.flatMap(newest(Context.get(ports, Reservations)), (rows) =>
          rows.some(
            ({ dateFrom }) => given.dateFrom._tag === "Local" && Date.parse(`${dateFrom}Z`) === given.dateFrom.localMs
          )
            ? Effect.fail(new ValidationError({ problems: [{ key: "closed", field: "dateFrom" }] }))
            : real.create(given)
        )
    })),
    "createBlockedTime MUST accept a blocked time over reservations, and leave them as they are"
  ),
  mutant(
    "the externalId of a blocked time is ignored",
    blockedTimes((real) => {
      let drawn = 2 ** 30
      return {
        create: (given) =>
          Effect.catchTag(real.create(given), "DuplicateReservation", (error) =>
            error.reason === "externalId"
              ? real.create({ ...given, externalId: ExternalId.make(++drawn) })
              : Effect.fail(error)
          )
      }
    }),
    "createBlockedTime MUST name the blocked time that has the externalId",
    "createBlockedTime MUST refuse an externalId that a blocked time of the channel has with DuplicateReservation"
  ),
  mutant(
    "reservations and blocked times share externalIds",
    blockedTimes((real, ports) => ({
      create: (given) =>
        Effect.flatMap(newest(Context.get(ports, Reservations)), (rows) =>
          rows.some(({ externalId }) => externalId === given.externalId)
            ? Effect.fail(new DuplicateReservation({ reason: "externalId" }))
            : real.create(given)
        )
    })),
    "createBlockedTime MUST let a blocked time have the externalId of a reservation"
  ),
  mutant(
    "a blocked time may end before it begins",
    blockedTimes((real) => ({
      create: (given) => Effect.catchTag(real.create(given), "ValidationError", () => Effect.succeed(anId)),
      changeTerm: (id, change) =>
        Effect.catchTag(real.changeTerm(id, change), "ValidationError", () => Effect.succeed({ blockedTimeId: id }))
    })),
    "changeBlockedTimeTerm MUST refuse a dateTo that is not after dateFrom with code 10, and change nothing",
    "createBlockedTime MUST refuse a blocked time that begins in a time that clocks skip with code 10",
    "createBlockedTime MUST refuse a dateTo that is not after dateFrom with code 10 about dateTo"
  ),
  mutant(
    "a blocked time of an unknown facility is a wrong request",
    blockedTimes((real) => ({
      create: (given) =>
        Effect.catchTag(real.create(given), "PermissionDenied", () =>
          Effect.fail(new ValidationError({ problems: [{ key: "noFacility", field: "facilityId" }] }))
        )
    })),
    "createBlockedTime MUST refuse a facility that the channel does not reach with PermissionDenied"
  ),
  mutant(
    "the offset of a blocked time's end is ignored",
    blockedTimes((real) => ({ create: ({ dateToOffset: _, ...given }) => real.create(given) })),
    "createBlockedTime MUST take dateTo in a repeated hour for the earliest reading after dateFrom, unless its offset tells"
  ),
  mutant(
    "the start of a blocked time cannot be moved",
    blockedTimes((real) => ({ changeTerm: (id, { dateFrom: _, ...change }) => real.changeTerm(id, change) })),
    "changeBlockedTimeTerm MUST move a blocked time, and keep the end that is left out"
  ),
  mutant(
    "a move of a blocked time that is not there is a success",
    blockedTimes((real) => ({
      changeTerm: (id, change) =>
        Effect.catchTag(real.changeTerm(id, change), "ResourceNotFound", () => Effect.succeed({ blockedTimeId: id }))
    })),
    "changeBlockedTimeTerm MUST refuse a blocked time that is not there with ResourceNotFound"
  ),
  mutant(
    "a removal does nothing",
    blockedTimes(() => ({ remove: (id) => Effect.succeed({ blockedTimeId: id }) })),
    "removeBlockedTime MUST remove a blocked time from the listing, and free its time"
  ),
  mutant(
    "a second removal is a success",
    blockedTimes((real) => ({
      remove: (id) => Effect.catchTag(real.remove(id), "ResourceNotFound", () => Effect.succeed({ blockedTimeId: id }))
    })),
    "removeBlockedTime MUST refuse a blocked time that is removed, or not there, with ResourceNotFound"
  ),
  mutant(
    "blocked times cannot be removed",
    blockedTimes(() => ({ remove: () => Effect.fail(new ResourceNotFound({ resource: "BlockedTime" })) })),
    "removeBlockedTime MUST remove a blocked time from the listing, and free its time"
  )
]
