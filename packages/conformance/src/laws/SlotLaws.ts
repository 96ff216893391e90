/** Laws of free slots (engine.md, rule 15): what is offered is what can be booked. */

import type { Slot } from "@bookio-kit/core/slot/Slot"
import { fromLocalMs, toLocalMs } from "@bookio-kit/core/time/LocalDateTime"
import * as TimeZone from "@bookio-kit/core/time/TimeZone"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Ask from "../internal/Ask.ts"
import * as Day from "../internal/Day.ts"
import { claim, claimEqual, refused } from "../internal/Expect.ts"
import * as Records from "../internal/Records.ts"
import { everyDay, hours, world } from "../internal/World.ts"
import { type Law, NotRun, type Requirements, readLaw, writeLaw } from "../Law.ts"
import { Subject } from "../Subject.ts"

const requires: Requirements = { slots: true }

/** Slots as "10:00 x 2": the time of the day, and how many are free. */
const told = (slots: ReadonlyArray<Slot>) => slots.map(({ dateFrom, free }) => `${dateFrom.slice(11, 16)} x ${free}`)

const anyService = Effect.gen(function* () {
  const facility = yield* Records.facility
  const calendars = yield* Ask.first(Ask.listCalendars({ facilityId: facility.id }))
  const service = calendars.flatMap(({ services }) => services)[0]
  if (service === undefined) return yield* new NotRun({ reason: "the facility has no service" })
  return { facility, service }
})

export const slotLaws: ReadonlyArray<Law> = [
  readLaw(
    "listSlots",
    "MUST list slots ascending, of the service's duration, with a place left, and none that has passed",
    {
      requires,
      body: Effect.gen(function* () {
        const { facility, service } = yield* anyService
        const { clockToleranceMs } = yield* Subject
        const today = yield* Day.today(facility)
        const nowMs = yield* Clock.currentTimeMillis
        const slots = yield* Ask.first(
          Ask.listSlots({
            facilityId: facility.id,
            serviceId: service.id,
            from: Day.date(today - 7),
            to: Day.date(today + 14)
          })
        )
        // In the repeated hour texts go back; the law that books on such a day looks at instants.
        const plain = slots.filter((slot) => slot.dateFromOffset === undefined && slot.dateToOffset === undefined)
        yield* claim(
          plain.every((slot, index) => index === 0 || (plain[index - 1]?.dateFrom ?? "") < slot.dateFrom),
          "the slots are not ascending"
        )
        yield* claim(
          slots.every(({ free }) => free >= 1),
          "a slot has no place left"
        )
        const earliest = fromLocalMs(TimeZone.toLocalMs(facility.timeZone, nowMs - clockToleranceMs - 1000))
        const passed = plain.filter(({ dateFrom }) => dateFrom < earliest)
        yield* claim(passed.length === 0, `a slot of ${passed[0]?.dateFrom} is offered at ${earliest}`)
      })
    }
  ),
  readLaw("listSlots", "MUST refuse slots of a facility that the channel does not reach with PermissionDenied", {
    code: 403,
    requires,
    body: Effect.gen(function* () {
      const today = Day.date(yield* Day.today(yield* Records.facility))
      const query = { facilityId: Ask.unknown.facility, serviceId: Ask.unknown.service, from: today, to: today }
      yield* refused(
        Ask.first(Ask.listSlots(query)),
        "PermissionDenied",
        "listing slots of a facility that is not there"
      )
    })
  }),
  readLaw("listSlots", "MUST refuse slots of a service that is not there with ResourceNotFound", {
    code: 12,
    requires,
    body: Effect.gen(function* () {
      const facility = yield* Records.facility
      const today = Day.date(yield* Day.today(facility))
      const query = { facilityId: facility.id, serviceId: Ask.unknown.service, from: today, to: today }
      yield* refused(
        Ask.first(Ask.listSlots(query)),
        "ResourceNotFound",
        "listing slots of a service that is not there"
      )
    })
  }),
  readLaw("listSlots", "MUST answer EndpointNotFound where the backend has no slots", {
    code: 404,
    requires: { slots: false },
    body: Effect.gen(function* () {
      const facility = yield* Records.facility
      const today = Day.date(yield* Day.today(facility))
      const query = { facilityId: facility.id, serviceId: Ask.unknown.service, from: today, to: today }
      yield* refused(Ask.first(Ask.listSlots(query)), "EndpointNotFound", "listing slots")
    })
  }),
  writeLaw(
    "listSlots",
    "MUST begin a grid of the service's duration with each interval, and run on into one that abuts",
    {
      requires,
      body: Effect.gen(function* () {
        const { slots } = yield* world({
          services: [{ name: "Solo", duration: 90 }],
          intervals: [hours(8, 10), hours(10, 12)]
        })
        yield* claimEqual(told(yield* slots("Solo")), ["08:00 x 1", "09:30 x 1", "10:00 x 1"], "the list of slots")
      })
    }
  ),
  writeLaw("listSlots", "MUST take from and to for days of the slots' starts, both inclusive", {
    requires,
    body: Effect.gen(function* () {
      const { day, facility, service } = yield* world({ intervals: [hours(8, 9)] })
      const slots = yield* Ask.first(
        Ask.listSlots({
          facilityId: facility.id,
          serviceId: service("Solo"),
          from: Day.date(day),
          to: Day.date(day + 1)
        })
      )
      yield* claimEqual(
        slots.map(({ dateFrom }) => dateFrom),
        [Day.listed(day, "08:00"), Day.listed(day + 1, "08:00")],
        "the list of slots"
      )
    })
  }),
  writeLaw("listSlots", "MUST tell the places that are left, after a booking, a cancellation and a blocked time", {
    requires,
    body: Effect.gen(function* () {
      const { block, book, slots } = yield* world({ intervals: [hours(8, 11)] })
      const { reservationId } = yield* book({ service: "Pair", at: "09:00" })
      yield* claimEqual(told(yield* slots("Pair")), ["08:00 x 2", "09:00 x 1", "10:00 x 2"], "the list after a booking")
      yield* claimEqual(told(yield* slots("Solo")), ["08:00 x 1", "10:00 x 1"], "the list of a service for one")
      yield* Ask.first(Ask.changeStatus(reservationId, { status: "CANCELLED" }))
      yield* claimEqual(
        told(yield* slots("Pair")),
        ["08:00 x 2", "09:00 x 2", "10:00 x 2"],
        "the list after a cancellation"
      )
      yield* block({ from: "10:30", to: "10:45" })
      yield* claimEqual(told(yield* slots("Pair")), ["08:00 x 2", "09:00 x 2"], "the list after a blocked time")
    })
  }),
  writeLaw("listSlots", "MUST offer exactly the starts of the grid at which create accepts a reservation", {
    requires,
    body: Effect.gen(function* () {
      const { block, book, day, slots } = yield* world({ intervals: [hours(8, 10), hours(10, 12, [1, 2])] })
      yield* book({ service: "Solo", at: "08:30" })
      yield* book({ service: "Pair", at: "09:30" }).pipe(Effect.catchTag("ValidationError", () => Effect.void))
      yield* book({ service: "Group", at: "10:00" })
      yield* block({ from: "11:00", to: "11:10" })
      const offered = (yield* slots("Group")).map(({ dateFrom }) => dateFrom)
      const grid = Array.from({ length: 8 }, (_, index) => 8 * 60 + index * 30).map((minutes) =>
        fromLocalMs(day * Day.dayMs + minutes * Day.minuteMs)
      )
      const accepted: Array<Slot["dateFrom"]> = []
      for (const start of grid) {
        const at = { _tag: "Local", localMs: toLocalMs(start) } as const
        const answer = yield* Effect.result(Effect.scoped(book({ service: "Group", at })))
        if (answer._tag === "Success") accepted.push(start)
      }
      yield* claimEqual(offered, accepted, "the list of slots beside that of accepted starts")
    })
  }),
  writeLaw("listSlots", "MUST leave hidden services out for a caller of access book", {
    requires,
    body: Effect.gen(function* () {
      const booker = yield* Ask.party("booker")
      const { slots } = yield* world({
        services: [
          { id: 1, name: "Solo", duration: 60, hiddenInOnlineForm: true },
          { id: 2, name: "Group", duration: 60 }
        ],
        intervals: [{ ...hours(8, 9), weekDays: everyDay }]
      })
      yield* claimEqual(told(yield* slots("Solo", booker)), [], "the list of a hidden service")
      yield* claimEqual(told(yield* slots("Group", booker)), ["08:00 x 1"], "the list of another")
      yield* claimEqual(
        told(yield* slots("Solo")),
        ["08:00 x 1"],
        "the list of the hidden service for the first caller"
      )
    })
  })
]
