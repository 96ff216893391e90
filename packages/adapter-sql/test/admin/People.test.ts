import { existsSync, readFileSync } from "node:fs"
import { Writes } from "@bookio-kit/core/write/Writes"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import * as People from "../../src/admin/People.ts"
import { scrub } from "../../src/admin/Scrub.ts"
import type { Database } from "../../src/database/Database.ts"
import {
  as,
  book,
  confirm,
  engine,
  equal,
  first,
  foreignFacility,
  includes,
  list,
  london,
  person,
  reservationId,
  row,
  second,
  sharedFacility,
  status,
  temporaryFile,
  utc,
  world
} from "../Support.ts"

const told = (effect: Effect.Effect<unknown, { readonly message: string }, Database>) =>
  Effect.map(Effect.flip(effect), ({ message }) => message)

/** John twice here and once in London, and someone else; the first of John's is cancelled. */
const people = Effect.gen(function* () {
  yield* world()
  yield* first(book({ dateFrom: "2026-06-02T08:00", externalId: 1, note: "Secret note" }))
  yield* first(status(1, "CANCELLED", "Secret reason"))
  yield* second(book({ dateFrom: "2026-06-03T08:00", externalId: 7, ...person(1) }))
  yield* second(book({ dateFrom: "2026-06-03T10:00", externalId: 8, email: "JOHN@Example.com", surname: "Other" }))
  yield* first(book({ dateFrom: "2026-06-01T08:30", externalId: 3, facilityId: foreignFacility, serviceId: london }))
  yield* first(confirm(3, 55))
})

describe("exportPerson", () => {
  it.effect(
    "MUST give all reservations of all facilities under the address, whatever its case, with their channels",
    () =>
      Effect.gen(function* () {
        yield* people
        const found = yield* People.exportPerson(" john@EXAMPLE.com")
        equal(
          found.map(({ id }) => id),
          [1, 3, 4]
        )
        includes(found[0]!, {
          name: "John",
          surname: "Audrey",
          note: "Secret note",
          cancellationReason: "Secret reason",
          facility: "Facility shared",
          calendar: "Doctor",
          service: "Visit",
          madeBy: "first",
          from: "2026-06-02T06:00:00.000Z"
        })
        equal(found[1]?.channels, [
          { channel: "first", externalId: 55 },
          { channel: "second", externalId: 8 }
        ])
      }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST give the audit lines of a reservation", () =>
    Effect.gen(function* () {
      yield* people
      const writes = yield* Writes
      const write = { operation: "changeStatus", requestId: "r-1", ids: { reservationId: reservationId(3) } }
      yield* first(writes.run(write, Effect.succeed({ status: 200, body: new Uint8Array() })))
      const [, found] = yield* People.exportPerson("john@example.com")
      equal(found?.audit, [
        {
          id: 1,
          at: "2026-06-01T06:00:00.000Z",
          channel: "first",
          operation: "changeStatus",
          status: 200,
          requestId: "r-1"
        }
      ])
    }).pipe(Effect.provide(engine()))
  )
})

describe("erasePerson", () => {
  it.effect("MUST overwrite the texts of the person and of nobody else, and leave the row, its id and its number", () =>
    Effect.gen(function* () {
      yield* people
      const before = yield* first(row(1))
      const other = yield* first(row(2))
      equal(yield* People.erasePerson("John@example.com", { upcoming: true }), {
        reservations: [
          { id: 1, facilityId: sharedFacility },
          { id: 3, facilityId: sharedFacility },
          { id: 4, facilityId: foreignFacility }
        ]
      })
      const { cancellationReason: _, note: __, ...kept } = before
      equal(yield* first(row(1)), { ...kept, name: "Erased Person", email: "", phone: "", needsSync: true })
      equal(yield* first(row(2)), other)
      equal(yield* People.exportPerson("john@example.com"), [])
      equal(yield* People.erasePerson("john@example.com"), { reservations: [] })
      equal(yield* People.erasedReservations(), [
        { id: 1, facilityId: sharedFacility, changedMs: utc("2026-06-01T06:00:00") },
        { id: 3, facilityId: sharedFacility, changedMs: utc("2026-06-01T06:00:00") },
        { id: 4, facilityId: foreignFacility, changedMs: utc("2026-06-01T06:00:00") }
      ])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST move the change instant and mark every channel unsynced, so that copies are fetched again", () =>
    Effect.gen(function* () {
      yield* people
      yield* TestClock.adjust("1 hour")
      const nowMs = yield* Clock.currentTimeMillis
      yield* People.erasePerson("john@example.com", { upcoming: true })
      for (const channel of [1, 2] as const) {
        const changed = yield* as(channel)(list({ lastSync: nowMs, onlyUnsynced: true, facilityId: sharedFacility }))
        equal(
          changed.rows.map(({ id }) => id),
          [1, 3]
        )
      }
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST refuse a person with reservations to come unless told so, and an empty address always", () =>
    Effect.gen(function* () {
      yield* people
      equal(
        yield* told(People.erasePerson("john@example.com")),
        "the person has 2 confirmed reservations to come (3, 4): cancel them first, or erase the upcoming ones too"
      )
      equal((yield* People.exportPerson("john@example.com")).length, 3)
      yield* People.erasePerson("john@example.com", { upcoming: true })
      for (const empty of ["", "  "]) {
        equal(yield* told(People.erasePerson(empty, { upcoming: true })), "give the e-mail address of the person")
        equal(yield* told(People.exportPerson(empty)), "give the e-mail address of the person")
      }
    }).pipe(Effect.provide(engine()))
  )
})

describe("scrub", () => {
  const texts = ["Audrey", "john@example.com", "Secret note", "Secret reason", "948762315"]
  const left = (filename: string) => {
    const bytes = [filename, `${filename}-wal`].flatMap((file) =>
      existsSync(file) ? [readFileSync(file, "latin1")] : []
    )
    return texts.filter((text) => bytes.some((content) => content.toLowerCase().includes(text.toLowerCase())))
  }

  it.effect("MUST leave nothing of an erased person in the file and its log, while it is open", () =>
    Effect.gen(function* () {
      const filename = yield* temporaryFile
      yield* Effect.gen(function* () {
        yield* people
        // Rows that grow leave their old selves in the pages that they move away from.
        for (let id = 11; id < 40; id++) {
          const dateFrom = `2026-07-${String(id - 10).padStart(2, "0")}T21:00`
          const note = `Secret note ${"x".repeat(40 * id)}`
          const { reservationId } = yield* first(book({ dateFrom, externalId: id, note }))
          yield* first(status(reservationId, "CANCELLED", "Secret reason".repeat(30)))
        }
        equal(left(filename), texts)
        yield* People.erasePerson("john@example.com", { upcoming: true })
        yield* scrub(filename)
        equal(left(filename), [])
        assert.strictEqual((yield* first(list())).rows.length, 33)
      }).pipe(Effect.provide(Layer.fresh(engine(filename))))
    })
  )
})
