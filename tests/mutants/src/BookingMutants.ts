/** Mutants of operation 7. */
import { Caller } from "@bookio-kit/core/access/Caller"
import { DuplicateReservation, NoCapacityLeft, ResourceNotFound, ValidationError } from "@bookio-kit/core/error/Refusal"
import type { NewReservation, Reservation } from "@bookio-kit/core/reservation/Reservation"
import type { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { ExternalId, ReservationId } from "@bookio-kit/core/scalar/Id"
import type { TextKey } from "@bookio-kit/core/text/Text"
import { fromLocalMs, type LocalDateTime } from "@bookio-kit/core/time/LocalDateTime"
import { Effect } from "effect"
import { type Defect, type Mutant, mutant, newest, reservations } from "./Defect.ts"

type Create = Reservations["Service"]["create"]

/** Books by another function; `others` are the reservations of the facility around the day that is asked for. */
const booking = (
  change: (
    create: Create,
    given: NewReservation,
    others: ReadonlyArray<Reservation>,
    at: LocalDateTime
  ) => ReturnType<Create>
): Defect =>
  reservations((real) => ({
    create: (given) => {
      const at =
        given.dateFrom._tag === "Local" ? fromLocalMs(given.dateFrom.localMs) : ("1970-01-01T00:00:00" as LocalDateTime)
      return Effect.flatMap(newest(real), (others) => change(real.create, given, others, at))
    }
  }))

const closed = Effect.fail(new ValidationError({ problems: [{ key: "closed", field: "dateFrom" }] }))
const full = Effect.fail(new NoCapacityLeft({ reason: "full" }))
const duplicate = Effect.fail(new DuplicateReservation({ reason: "person" }))

// What was accepted, and is nowhere: enough for who only looks at the answer.
const accepted = Effect.succeed({ reservationId: ReservationId.make(1) })

const says = (error: ValidationError, ...keys: ReadonlyArray<TextKey>) =>
  error.problems.some(({ key }) => keys.includes(key))

/** Refuses a booking for what else is there. */
const refusedIf = (
  refusal: typeof closed | typeof full | typeof duplicate,
  condition: (given: NewReservation, others: ReadonlyArray<Reservation>, at: LocalDateTime) => boolean
) => booking((create, given, others, at) => (condition(given, others, at) ? refusal : create(given)))

const hourOf = (at: LocalDateTime) => Number(at.slice(11, 13))

const isConfirmed = ({ status }: Reservation) => status === "CONFIRMED"

let drawn = 2 ** 30

/** An externalId that nobody has had; those of laws are greater. */
const drawId = () => ExternalId.make(++drawn)

export const bookingMutants: ReadonlyArray<Mutant> = [
  mutant(
    "double booking is allowed",
    booking((create, given) => Effect.catchTag(create(given), "NoCapacityLeft", () => accepted)),
    "createReservation MUST refuse the second of two reservations of one term with NoCapacityLeft",
    "createReservation MUST let the smallest capacity among overlapping services count"
  ),
  mutant(
    "blocked times do not block",
    booking((create, given) =>
      Effect.catchTag(create(given), "NoCapacityLeft", (error) =>
        error.reason === "blocked" ? accepted : Effect.fail(error)
      )
    ),
    "createReservation MUST refuse what overlaps a blocked time with NoCapacityLeft, and accept what abuts it"
  ),
  mutant(
    "opening hours do not matter",
    booking((create, given) =>
      Effect.catchTag(create(given), "ValidationError", (error) =>
        says(error, "closed") ? accepted : Effect.fail(error)
      )
    ),
    "createReservation MUST refuse what lies outside the opening with code 10 about dateFrom",
    "endCalendar MUST make validTo the last day that can be booked",
    "createReservation MUST refuse a weekday on which the calendar is closed with code 10"
  ),
  mutant(
    "the gap is accepted",
    booking((create, given) =>
      Effect.catchTag(create(given), "ValidationError", (error) =>
        says(error, "inGap") ? accepted : Effect.fail(error)
      )
    ),
    "createReservation MUST refuse a time that clocks skip with code 10 about dateFrom"
  ),
  mutant(
    "an offset that does not fit is accepted",
    booking((create, given) =>
      Effect.catchTag(create(given), "ValidationError", (error) =>
        says(error, "offsetMismatch") ? accepted : Effect.fail(error)
      )
    ),
    "createReservation MUST refuse an offset that the zone does not have then with code 10 about dateFromOffset"
  ),
  mutant(
    "the externalId is ignored",
    booking((create, given) =>
      Effect.catchTag(create(given), "DuplicateReservation", (error) =>
        error.reason === "externalId" ? create({ ...given, externalId: drawId() }) : Effect.fail(error)
      )
    ),
    "createReservation MUST refuse an externalId that a reservation of the channel has with DuplicateReservation",
    "createReservation MUST let exactly one of many at once have an externalId"
  ),
  mutant(
    "terms that abut overlap",
    refusedIf(full, (_, others, at) => others.some((row) => isConfirmed(row) && row.dateTo === at)),
    "createReservation MUST accept reservations that abut, for a term is half-open"
  ),
  mutant(
    "a reservation ends with its interval",
    refusedIf(closed, (_, __, at) => at.endsWith("11:30:00")),
    "createReservation MUST count intervals that abut as one opening"
  ),
  mutant(
    "a reservation ends with its day",
    refusedIf(closed, (_, __, at) => at.endsWith("23:30:00")),
    "createReservation MUST count 24:00 and 00:00 of the next day as one opening"
  ),
  mutant(
    "a time with its offset is taken for a local one in UTC",
    booking((create, given) =>
      create(
        given.dateFrom._tag === "Instant"
          ? { ...given, dateFrom: { _tag: "Local", localMs: given.dateFrom.epochMs } }
          : given
      )
    ),
    "createReservation MUST convert a time with its offset to the facility's zone"
  ),
  mutant(
    "the past is refused",
    refusedIf(closed, (_, __, at) => at < "2026-06-01" && at > "2000"),
    "createReservation MUST accept a term in the past"
  ),
  mutant(
    "a group has two places",
    refusedIf(
      full,
      ({ serviceId }, others, at) =>
        others.filter((row) => isConfirmed(row) && row.service === serviceId && row.dateFrom === at).length >= 2
    ),
    "createReservation MUST let a group service take as many as its capacity, and refuse one more with NoCapacityLeft"
  ),
  mutant(
    "places are counted over the whole day",
    refusedIf(
      full,
      (_, others, at) =>
        others.filter((row) => isConfirmed(row) && row.dateFrom.slice(0, 10) === at.slice(0, 10)).length >= 2
    ),
    "createReservation MUST accept reservations that abut, for a term is half-open",
    "createReservation MUST count the places at each instant, not over the whole term"
  ),
  mutant(
    "a cancelled reservation keeps its place",
    refusedIf(full, ({ serviceId }, others, at) =>
      others.some((row) => row.status === "CANCELLED" && row.service === serviceId && row.dateFrom === at)
    ),
    "changeReservationStatus MUST store when and why a reservation was cancelled, and free its place"
  ),
  mutant(
    "who did not come keeps the place",
    refusedIf(full, ({ serviceId }, others, at) =>
      others.some((row) => row.status === "DID_NOT_COME" && row.service === serviceId && row.dateFrom === at)
    ),
    "changeReservationStatus MUST free the place of one who did not come"
  ),
  mutant(
    "a service that is not there is a wrong request",
    booking((create, given) => Effect.catchTag(create(given), "ResourceNotFound", () => closed)),
    "createReservation MUST refuse a service that is not there with ResourceNotFound"
  ),
  mutant(
    "a service of another facility can be booked",
    booking((create, given) =>
      Effect.catchTag(create(given), "ResourceNotFound", (error) =>
        given.serviceId < Number.MAX_SAFE_INTEGER ? accepted : Effect.fail(error)
      )
    ),
    "createReservation MUST answer a service of another channel's facility like one that is not there",
    "createReservation MUST refuse a service that is not there with ResourceNotFound"
  ),
  mutant(
    "an unknown facility is not found",
    booking((create, given) =>
      Effect.catchTag(create(given), "PermissionDenied", () =>
        Effect.fail(new ResourceNotFound({ resource: "Facility" }))
      )
    ),
    "createReservation MUST refuse a facility that the channel does not reach with PermissionDenied"
  ),
  mutant(
    "the opening is checked before the externalId",
    refusedIf(closed, (_, __, at) => hourOf(at) >= 16 && !at.endsWith("23:30:00")),
    "createReservation MUST answer by the first that applies of 12, 40 for the externalId, 10, 30"
  ),
  mutant(
    "the answer lacks the externalId",
    booking((create, given) => Effect.map(create(given), ({ reservationId }) => ({ reservationId }))),
    "createReservation MUST list a reservation as it was made, CONFIRMED and synced for its channel"
  ),
  mutant(
    "one phone is one person",
    refusedIf(duplicate, ({ phone }, others, at) =>
      others.some((row) => isConfirmed(row) && row.phone === phone && row.dateFrom === at)
    ),
    "createReservation MUST accept two people with one phone and e-mail, such as children of one parent"
  ),
  mutant(
    "persons are compared letter by letter",
    booking((create, given, others, at) =>
      Effect.catchTag(create(given), "DuplicateReservation", (error) =>
        error.reason !== "person" ||
        others.some((row) => row.dateFrom === at && row.name === `${given.name} ${given.surname}`)
          ? Effect.fail(error)
          : accepted
      )
    ),
    "createReservation MUST know a person by name and e-mail in any letter case, and white space around them"
  ),
  mutant(
    "phone numbers are compared letter by letter",
    booking((create, given, others, at) =>
      Effect.catchTag(create(given), "DuplicateReservation", (error) =>
        error.reason !== "person" || others.some((row) => row.dateFrom === at && row.email === given.email)
          ? Effect.fail(error)
          : others.some((row) => row.phone === given.phone)
            ? Effect.fail(error)
            : accepted
      )
    ),
    "createReservation MUST know a person by name and phone, however its number is written"
  ),
  mutant(
    "a full time is told before the same person",
    booking((create, given) =>
      Effect.mapError(create(given), (error) =>
        error._tag === "DuplicateReservation" && error.reason === "person"
          ? new NoCapacityLeft({ reason: "full" })
          : error
      )
    ),
    "createReservation MUST refuse the same person before it tells that the time is full"
  ),
  mutant(
    "an externalId is never given free",
    refusedIf(duplicate, ({ externalId }, others) => others.some((row) => row.externalId === externalId)),
    "createReservation MUST give an externalId free when its reservation is cancelled, for another person or start"
  ),
  mutant(
    "a refusal names no field in Hungarian",
    booking((create, given) =>
      Effect.flatMap(Caller, ({ language }) =>
        Effect.catchTag(create(given), "ValidationError", (error) =>
          Effect.fail(language === "hu" ? new ValidationError({ problems: [{ key: "closed" }] }) : error)
        )
      )
    ),
    "createReservation MUST refuse alike in every language, and name the same fields"
  ),
  mutant(
    "offsets of requests are ignored",
    booking((create, { dateFromOffset: _, ...given }) => create(given)),
    "createReservation MUST tell the passes of a repeated hour apart by their offset, and take none for the first"
  ),
  mutant(
    "the length is that on the wall",
    reservations((real) => ({
      list: (query) =>
        Effect.map(real.list(query), (page) => ({
          ...page,
          rows: page.rows.map((row) => ({
            ...row,
            dateTo: fromLocalMs(Date.parse(`${row.dateFrom}Z`) + row.duration * 60_000)
          }))
        }))
    })),
    "createReservation MUST end after the service's duration in elapsed minutes, over a change of clocks too"
  )
]
