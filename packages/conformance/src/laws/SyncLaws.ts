/** Laws of operation 10, and of the flags of channels (engine.md, rule 9). */
import * as Effect from "effect/Effect"
import * as Ask from "../internal/Ask.ts"
import { claimEqual, claimMembers, refused, refusedFor } from "../internal/Expect.ts"
import * as Records from "../internal/Records.ts"
import { world } from "../internal/World.ts"
import { type Law, writeLaw } from "../Law.ts"
import { Subject } from "../Subject.ts"

export const syncLaws: ReadonlyArray<Law> = [
  writeLaw(
    "confirmReservationSync",
    "MUST ask for sync after each change, also the channel that made it, until it is confirmed",
    {
      body: Effect.gen(function* () {
        const { book, row, wall } = yield* world()
        const { externalId, reservationId } = yield* book({ at: "10:00" })
        const changes = [
          Ask.changeTerm(reservationId, { dateFrom: wall("11:00") }),
          Ask.changeStatus(reservationId, { status: "CANCELLED" }),
          Ask.changeStatus(reservationId, { status: "CONFIRMED" })
        ]
        for (const change of changes) {
          yield* Ask.first(change)
          yield* claimEqual((yield* row(reservationId)).needsSync, true, "needsSync after a change")
          const answer = yield* Ask.first(Ask.confirmSync(reservationId, {}))
          yield* claimEqual(answer, { reservationId, ...(externalId && { externalId }) }, "the answer")
          yield* claimEqual((yield* row(reservationId)).needsSync, false, "needsSync after its confirmation")
        }
      })
    }
  ),
  writeLaw("confirmReservationSync", "MUST set the externalId that it is given, and give the former one free", {
    body: Effect.gen(function* () {
      const { book, row } = yield* world()
      const [former, next] = [yield* Records.freshId, yield* Records.freshId]
      const { reservationId } = yield* book({ at: "10:00", externalId: former })
      yield* Ask.first(Ask.confirmSync(reservationId, { externalId: next }))
      yield* claimEqual((yield* row(reservationId)).externalId, next, "the externalId")
      yield* book({ at: "11:00", externalId: former })
      yield* refused(book({ at: "09:00", externalId: next }), "DuplicateReservation", "the externalId that was set")
    })
  }),
  writeLaw("confirmReservationSync", "MUST NOT count as a change: the order of the listing stays", {
    body: Effect.gen(function* () {
      const { book, rows } = yield* world()
      const one = yield* book({ at: "10:00" })
      yield* Ask.first(Ask.changeStatus(one.reservationId, { status: "CANCELLED" }))
      const { pass } = yield* Subject
      yield* pass(2)
      yield* book({ at: "11:00" })
      yield* pass(2)
      const before = (yield* rows()).map(({ id }) => id)
      yield* Ask.first(Ask.confirmSync(one.reservationId, {}))
      yield* claimEqual(
        (yield* rows()).map(({ id }) => id),
        before,
        "the order"
      )
    })
  }),
  writeLaw(
    "confirmReservationSync",
    "MUST refuse an externalId of another reservation with DuplicateReservation, and change nothing",
    {
      code: 40,
      body: Effect.gen(function* () {
        const { book, row } = yield* world()
        const one = yield* book({ at: "10:00" })
        const other = yield* book({ at: "11:00" })
        const taken = one.externalId ?? Ask.unknown.externalId
        yield* refused(
          Ask.first(Ask.confirmSync(other.reservationId, { externalId: taken })),
          "DuplicateReservation",
          "confirming the externalId of another reservation"
        )
        yield* claimEqual((yield* row(other.reservationId)).externalId, other.externalId, "the externalId afterwards")
      })
    }
  ),
  writeLaw("confirmReservationSync", "MUST refuse a reservation that is not there with ResourceNotFound", {
    code: 12,
    body: refused(
      Ask.first(Ask.confirmSync(Ask.unknown.reservation, { externalId: Ask.unknown.externalId })),
      "ResourceNotFound",
      "confirming a reservation that is not there"
    )
  }),
  writeLaw("confirmReservationSync", "MUST keep externalId and needsSync of a reservation for each channel by itself", {
    requires: { channelFlags: true },
    body: Effect.gen(function* () {
      const second = yield* Ask.party("second")
      const { book, row } = yield* world()
      const { externalId, reservationId } = yield* book({ at: "10:00" })
      yield* claimMembers(
        yield* row(reservationId, second),
        { externalId: undefined, needsSync: true },
        "what the second sees"
      )
      const own = yield* Records.freshId
      yield* Ask.by(second)(Ask.confirmSync(reservationId, { externalId: own }))
      yield* claimMembers(
        yield* row(reservationId, second),
        { externalId: own, needsSync: false },
        "what the second sees"
      )
      yield* claimMembers(yield* row(reservationId), { externalId, needsSync: false }, "what the first sees")
      yield* Ask.by(second)(Ask.changeStatus(reservationId, { status: "CANCELLED" }))
      yield* claimMembers(yield* row(reservationId), { externalId, needsSync: true }, "what the first sees")
      yield* Ask.first(Ask.confirmSync(reservationId, {}))
      yield* claimMembers(
        yield* row(reservationId, second),
        { externalId: own, needsSync: true },
        "what the second sees"
      )
    })
  }),
  writeLaw(
    "confirmReservationSync",
    "MUST refuse to confirm without an externalId where the channel has told none with code 10",
    {
      code: 10,
      requires: { channelFlags: true },
      body: Effect.gen(function* () {
        const second = yield* Ask.party("second")
        const { book } = yield* world()
        const { reservationId } = yield* book({ at: "10:00" })
        yield* refusedFor(
          Ask.by(second)(Ask.confirmSync(reservationId, {})),
          "externalId",
          "a confirmation that knows no externalId"
        )
      })
    }
  ),
  writeLaw("createReservation", "MUST let two channels use one externalId", {
    requires: { channelFlags: true },
    body: Effect.gen(function* () {
      const second = yield* Ask.party("second")
      const { book } = yield* world()
      const externalId = yield* Records.freshId
      yield* book({ at: "10:00", externalId })
      yield* book({ at: "11:00", externalId, by: second })
    })
  }),
  writeLaw("confirmReservationSync", "MUST show all channels one externalId and needsSync of a reservation", {
    requires: { channelFlags: false },
    body: Effect.gen(function* () {
      const second = yield* Ask.party("second")
      const { book, row } = yield* world()
      const { externalId, reservationId } = yield* book({ at: "10:00" })
      yield* claimMembers(yield* row(reservationId, second), { externalId, needsSync: false }, "what the second sees")
    })
  })
]
