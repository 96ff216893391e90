/** Laws of errorCode 40 on operation 7 (engine.md, rule 6). */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Ask from "../internal/Ask.ts"
import { claim, claimEqual, refused } from "../internal/Expect.ts"
import * as Records from "../internal/Records.ts"
import { type World, world } from "../internal/World.ts"
import { type Law, type Requirements, writeLaw } from "../Law.ts"

/** Books Group twice for one person, with the second one's details changed, and gives the second answer. */
const again = Effect.fnUntraced(function* (
  { book }: World,
  change: (person: Effect.Success<typeof Records.freshPerson>) => Partial<Effect.Success<typeof Records.freshPerson>>
) {
  const person = yield* Records.freshPerson
  const made = yield* book({ service: "Group", at: "10:00", person })
  return { made, second: book({ service: "Group", at: "10:00", person: { ...person, ...change(person) } }) }
})

const idLaw = (requires: Requirements, name: Law["name"], expected: boolean) =>
  writeLaw("createReservation", name, {
    code: 40,
    requires,
    body: Effect.gen(function* () {
      const { book } = yield* world()
      const externalId = yield* Records.freshId
      const { reservationId } = yield* book({ at: "10:00", externalId })
      const { reservationId: told } = yield* refused(
        book({ at: "11:00", externalId }),
        "DuplicateReservation",
        "a used externalId"
      )
      yield* claimEqual(told, expected ? reservationId : undefined, "the id that the refusal tells")
    })
  })

export const duplicateLaws: ReadonlyArray<Law> = [
  writeLaw(
    "createReservation",
    "MUST refuse an externalId that a reservation of the channel has with DuplicateReservation",
    {
      code: 40,
      body: Effect.gen(function* () {
        const { book, rows } = yield* world()
        const externalId = yield* Records.freshId
        const { reservationId } = yield* book({ at: "10:00", externalId })
        const before = yield* rows()
        yield* refused(book({ at: "11:00", externalId }), "DuplicateReservation", "a used externalId")
        yield* Ask.first(Ask.changeStatus(reservationId, { status: "DID_NOT_COME" }))
        yield* refused(
          book({ at: "11:00", externalId }),
          "DuplicateReservation",
          "the externalId of one who did not come"
        )
        yield* claimEqual((yield* rows()).length, before.length, "the count of reservations")
      })
    }
  ),
  idLaw({ duplicateIds: true }, "MUST name the reservation that has the externalId", true),
  idLaw({ duplicateIds: false }, "MUST NOT name the reservation that has the externalId", false),
  writeLaw("createReservation", "MUST let exactly one of many at once have an externalId", {
    code: 40,
    body: Effect.gen(function* () {
      const { book, rows } = yield* world()
      const externalId = yield* Records.freshId
      const answers = yield* Effect.forEach(
        ["08:00", "09:00", "10:00", "11:00"],
        (at) => Effect.result(book({ at, externalId })),
        { concurrency: "unbounded" }
      )
      const lost = answers.flatMap((answer) => (Result.isFailure(answer) ? [answer.failure._tag] : []))
      yield* claimEqual(
        lost,
        ["1", "2", "3"].map(() => "DuplicateReservation"),
        "the list of refusals"
      )
      yield* claimEqual((yield* rows()).length, 1, "the count of reservations")
    })
  }),
  writeLaw(
    "createReservation",
    "MUST give an externalId free when its reservation is cancelled, for another person or start",
    {
      body: Effect.gen(function* () {
        const { book, row } = yield* world()
        const externalId = yield* Records.freshId
        const { reservationId } = yield* book({ at: "10:00", externalId })
        yield* Ask.first(Ask.changeStatus(reservationId, { status: "CANCELLED" }))
        const next = yield* book({ at: "10:00", externalId })
        yield* claim(next.reservationId !== reservationId, "the answer names the cancelled reservation")
        yield* claimEqual((yield* row(next.reservationId)).externalId, externalId, "the externalId")
      })
    }
  ),
  writeLaw("createReservation", "MUST refuse a late retry of a cancelled reservation with DuplicateReservation", {
    code: 40,
    requires: { lateRetries: true },
    body: Effect.gen(function* () {
      const { book } = yield* world()
      const booking = { at: "10:00", externalId: yield* Records.freshId, person: yield* Records.freshPerson }
      const { reservationId } = yield* book(booking)
      yield* Ask.first(Ask.changeStatus(reservationId, { status: "CANCELLED" }))
      yield* refused(book(booking), "DuplicateReservation", "the same request after the cancellation")
      yield* book({ ...booking, at: "11:00" })
    })
  }),
  writeLaw("createReservation", "MUST make a cancelled reservation anew when it is sent again", {
    requires: { lateRetries: false },
    body: Effect.gen(function* () {
      const { book } = yield* world()
      const booking = { at: "10:00", externalId: yield* Records.freshId, person: yield* Records.freshPerson }
      const { reservationId } = yield* book(booking)
      yield* Ask.first(Ask.changeStatus(reservationId, { status: "CANCELLED" }))
      const next = yield* book(booking)
      yield* claim(next.reservationId !== reservationId, "the answer names the cancelled reservation")
    })
  }),
  writeLaw("createReservation", "MUST refuse the same person for one service and start with DuplicateReservation", {
    code: 40,
    requires: { personDuplicates: true },
    body: Effect.gen(function* () {
      const made = yield* world()
      const { second } = yield* again(made, () => ({}))
      yield* refused(second, "DuplicateReservation", "a second place for one person")
    })
  }),
  writeLaw("createReservation", "MUST refuse the same person before it tells that the time is full", {
    code: 40,
    requires: { personDuplicates: true },
    body: Effect.gen(function* () {
      const { book } = yield* world()
      const person = yield* Records.freshPerson
      yield* book({ at: "10:00", person })
      yield* refused(
        book({ at: "10:00", person }),
        "DuplicateReservation",
        "a second place for one person at a full time"
      )
    })
  }),
  writeLaw(
    "createReservation",
    "MUST know a person by name and e-mail in any letter case, and white space around them",
    {
      code: 40,
      requires: { personDuplicates: true },
      body: Effect.gen(function* () {
        const made = yield* world()
        const { second } = yield* again(made, ({ email, name, surname }) => ({
          name: ` ${name.toUpperCase()}`,
          surname: `${surname.toLowerCase()} `,
          email: email.toUpperCase(),
          phone: "+421900000000"
        }))
        yield* refused(second, "DuplicateReservation", "the same person in other letters")
      })
    }
  ),
  writeLaw("createReservation", "MUST know a person by name and phone, however its number is written", {
    code: 40,
    requires: { personDuplicates: true },
    body: Effect.gen(function* () {
      const made = yield* world()
      const { second } = yield* again(made, ({ email, phone }) => ({
        email: `other-${email}`,
        phone: `00${phone.slice(1, 4)} ${phone.slice(4, 7)}/${phone.slice(7)}`
      }))
      yield* refused(second, "DuplicateReservation", "the same phone number in other digits")
    })
  }),
  writeLaw("createReservation", "MUST give the same person a second place where persons are not compared", {
    requires: { personDuplicates: false },
    body: Effect.gen(function* () {
      const made = yield* world()
      const { second } = yield* again(made, () => ({}))
      yield* second
    })
  }),
  writeLaw("createReservation", "MUST accept two people with one phone and e-mail, such as children of one parent", {
    body: Effect.gen(function* () {
      const made = yield* world()
      const { second } = yield* again(made, () => ({ name: "Child" }))
      yield* second
    })
  })
]
