/**
 * The engine against a model of engine.md on plain lists: random stories of two channels around both changes of clocks,
 * every answer and every listing compared. `FC_NUM_RUNS` raises the number of stories; fast-check prints the seed.
 */
import type { ApiError } from "@bookio-kit/core/api/Envelope"
import type { BlockedTimeQuery } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import { type ReservationQuery, Reservations } from "@bookio-kit/core/reservation/Reservations"
import { BlockedTimeId, CalendarId, ExternalId, FacilityId, ReservationId, ServiceId } from "@bookio-kit/core/scalar/Id"
import { Slots } from "@bookio-kit/core/slot/Slots"
import { toEpochDay } from "@bookio-kit/core/time/LocalDate"
import { TimeZone } from "@bookio-kit/core/time/TimeZone"
import { assert, describe, it } from "@effect/vitest"
import { Clock, Effect, Result, type Scope } from "effect"
import { TestClock } from "effect/testing"
import * as fc from "fast-check"
import { as, blocks, calendars, engine, list, plant, said, temporaryFile, utc } from "../Support.ts"
import { changeOf } from "./CalendarCommands.ts"
import { type Command, story } from "./Commands.ts"
import type { Season } from "./Drawn.ts"
import * as Model from "./Model.ts"
import * as ModelCalendars from "./ModelCalendars.ts"
import * as ModelLists from "./ModelLists.ts"
import type { Answer, Model as State, Who } from "./ModelRules.ts"

const asked = (who: Who) => as(who.channel as 1 | 2, who.access)

const answerOf = <A, R>(effect: Effect.Effect<A, ApiError, R>) =>
  Effect.map(Effect.result(effect), (result) =>
    Result.isSuccess(result) ? { ok: result.success } : { no: said(result.failure) }
  )

const agree = (real: { readonly ok: unknown } | { readonly no: string }, expected: Answer<unknown>, what: unknown) => {
  const told = `${JSON.stringify(what)}: ${JSON.stringify(real)}, expected ${JSON.stringify(expected)}`
  if ("ok" in real && "ok" in expected) assert.deepStrictEqual(real.ok, expected.ok, told)
  else assert.isTrue("no" in real && "no" in expected && expected.no.includes(real.no), told)
}

/** The record that a command means: one of those there are, or one that is not. */
const idOf = (records: ReadonlyArray<{ readonly id: number }>, pick: number): number =>
  pick < 0 || records.length === 0 ? 999 : records[pick % records.length]!.id

const madeId = <A extends object>(real: { readonly ok: A } | { readonly no: string }, member: keyof A): number =>
  "ok" in real ? (real.ok[member] as number) : 0

const latestChange = (model: State) => Math.max(...model.facilities.map((facility) => facility.changed))

/** The numbers are drawn by the engine: learned from their first listing, and never to change. */
const learnNumbers = (model: State) =>
  Effect.gen(function* () {
    const { rows } = yield* asked({ channel: 1, access: "write" })(list())
    for (const { id, number } of rows) {
      const reservation = model.reservations.find((r) => r.id === id)
      if (reservation === undefined || number === undefined || reservation.number !== undefined) continue
      assert.match(number, /^[a-z0-9]{6}$/)
      reservation.number = number
    }
  })

const compareListings = (model: State) =>
  Effect.gen(function* () {
    yield* learnNumbers(model)
    for (const channel of [1, 2]) {
      for (const access of ["write", "book"] as const) {
        const who = { channel, access }
        agree(yield* answerOf(asked(who)(list())), ModelLists.reservations(model, who, {}), ["all", who])
      }
      const who = { channel, access: "write" as const }
      agree(yield* answerOf(asked(who)(blocks())), ModelLists.blocks(model, who, {}), ["all blocked times", who])
      agree(yield* answerOf(asked(who)(calendars())), ModelCalendars.list(model, who, {}), ["all calendars", who])
    }
    const numbers = model.reservations.map((reservation) => reservation.number)
    assert.strictEqual(new Set(numbers).size, numbers.length)
  })

/** What was sent, for the commands that send it again. */
interface Sent {
  readonly creates: Array<Extract<Command, { readonly _tag: "create" }>>
  readonly blocks: Array<Extract<Command, { readonly _tag: "block" }>>
}

type Played = Exclude<Command, { readonly _tag: "again" | "blockAgain" }>

/** The command that stands for one that is sent again; undefined where nothing has been sent. */
const resolve = (sent: Sent, command: Command): Played | undefined => {
  if (command._tag === "blockAgain") return sent.blocks[command.pick % sent.blocks.length]
  if (command._tag !== "again") return command
  const earlier = sent.creates[command.pick % sent.creates.length]
  if (earlier === undefined) return undefined
  const { externalId = earlier.given.externalId, person } = command.change
  const given = { ...earlier.given, ...person, externalId: ExternalId.make(externalId) }
  return { _tag: "create", who: command.who ?? earlier.who, given }
}

const runOne = Effect.fnUntraced(function* (model: State, command: Played) {
  const now = yield* Clock.currentTimeMillis
  const reservations = yield* Reservations
  const blocked = yield* BlockedTimes
  const calendarsPort = yield* Calendars
  switch (command._tag) {
    case "clock":
      return yield* TestClock.setTime(now + command.byMs)
    case "create": {
      const real = yield* answerOf(asked(command.who)(reservations.create(command.given)))
      const id = madeId(real, "reservationId")
      return agree(real, Model.create(model, command.who, now, command.given, id), command)
    }
    case "status": {
      const { reason, to, who } = command
      const id = idOf(model.reservations, command.pick)
      const change = { status: to, ...(reason === undefined ? {} : { cancellationReason: reason }) }
      const real = yield* answerOf(asked(who)(reservations.changeStatus(ReservationId.make(id), change)))
      return agree(real, Model.changeStatus(model, who, now, id, to, reason), [id, command])
    }
    case "term": {
      const id = idOf(model.reservations, command.pick)
      const real = yield* answerOf(asked(command.who)(reservations.changeTerm(ReservationId.make(id), command.given)))
      return agree(real, Model.changeTerm(model, command.who, now, id, command.given), [id, command])
    }
    case "confirm": {
      const { externalId, who } = command
      const id = idOf(model.reservations, command.pick)
      const told = externalId === undefined ? {} : { externalId: ExternalId.make(externalId) }
      const real = yield* answerOf(asked(who)(reservations.confirmSync(ReservationId.make(id), told)))
      return agree(real, Model.confirmSync(model, who, id, externalId), [id, command])
    }
    case "list": {
      yield* learnNumbers(model)
      const { since, ...rest } = command.query
      const number = model.reservations.find(
        ({ id }) => command.numberOf !== undefined && id === idOf(model.reservations, command.numberOf)
      )?.number
      const query = {
        ...rest,
        ...(since === undefined ? {} : { lastSync: latestChange(model) - since }),
        ...(number === undefined ? {} : { number })
      } as ReservationQuery
      const real = yield* answerOf(asked(command.who)(reservations.list(query)))
      return agree(real, ModelLists.reservations(model, command.who, query), [query, command])
    }
    case "block": {
      const real = yield* answerOf(asked(command.who)(blocked.create(command.given)))
      const id = madeId(real, "blockedTimeId")
      return agree(real, Model.block(model, command.who, now, command.given, id), command)
    }
    case "moveBlock": {
      const id = idOf(model.blocked, command.pick)
      const real = yield* answerOf(asked(command.who)(blocked.changeTerm(BlockedTimeId.make(id), command.given)))
      return agree(real, Model.moveBlock(model, command.who, now, id, command.given), [id, command])
    }
    case "unblock": {
      const id = idOf(model.blocked, command.pick)
      const real = yield* answerOf(asked(command.who)(blocked.remove(BlockedTimeId.make(id))))
      return agree(real, Model.unblock(model, command.who, now, id), [id, command])
    }
    case "listBlocks": {
      const { since, ...rest } = command.query
      const query = {
        ...rest,
        ...(since === undefined ? {} : { lastSync: latestChange(model) - since })
      } as BlockedTimeQuery
      const real = yield* answerOf(asked(command.who)(blocked.list(query)))
      return agree(real, ModelLists.blocks(model, command.who, query), [query, command])
    }
    case "reshape": {
      const { calendar: id, who } = command
      const known = model.calendars.find((calendar) => calendar.id === id)
      const change = changeOf(command.change, known ?? { services: [1], intervals: [] })
      const real = yield* answerOf(asked(who)(calendarsPort.update(CalendarId.make(id), change)))
      const listed = (yield* asked({ channel: 1, access: "write" })(calendars())).find((calendar) => calendar.id === id)
      return agree(withWarnings(real), ModelCalendars.update(model, who, now, id, change, listed), [change, command])
    }
    case "end": {
      const { calendar: id, given, who } = command
      const real = yield* answerOf(asked(who)(calendarsPort.end(CalendarId.make(id), given)))
      return agree(withWarnings(real), ModelCalendars.end(model, who, now, id, given), command)
    }
    case "slots": {
      const { facilityId, from, serviceId, to, who } = command
      const query = { facilityId: FacilityId.make(facilityId), serviceId: ServiceId.make(serviceId), from, to }
      const real = yield* answerOf(asked(who)((yield* Slots).list(query)))
      const days = { from: toEpochDay(from), to: toEpochDay(to) }
      return agree(real, Model.slots(model, who, now, facilityId, serviceId, days), command)
    }
  }
})

type Written = Effect.Success<ReturnType<(typeof Calendars)["Service"]["update"]>>

const withWarnings = (real: { readonly ok: Written } | { readonly no: string }) =>
  "no" in real
    ? real
    : {
        ok: {
          calendarId: real.ok.calendarId,
          warnings: real.ok.warnings.map(({ key, params }) => `${key} ${params?.reservations}`)
        }
      }

const play = Effect.fnUntraced(function* (season: Season, commands: ReadonlyArray<Command>) {
  yield* TestClock.setTime(utc(`${season.days[0]}T05:00:00`) - 1)
  yield* plant()
  const zone = (name: string) => TimeZone.make(name)
  const model = ModelCalendars.fromListing(
    [
      { id: 1, timeZone: zone("Europe/Bratislava"), dialCode: "421", channels: [1, 2], changed: 0 },
      { id: 2, timeZone: zone("Europe/London"), dialCode: "44", channels: [1], changed: 0 }
    ],
    yield* asked({ channel: 1, access: "write" })(calendars())
  )
  const sent: Sent = { creates: [], blocks: [] }
  for (const [index, given] of commands.entries()) {
    const command = resolve(sent, given)
    if (command === undefined) continue
    if (command._tag === "create") sent.creates.push(command)
    if (command._tag === "block") sent.blocks.push(command)
    yield* runOne(model, command)
    if (index % 6 === 5 || index === commands.length - 1) yield* compareListings(model)
  }
})

const runs = Number(process.env.FC_NUM_RUNS ?? 0)

const tell = (filename: Effect.Effect<string, never, Scope.Scope>, numRuns: number, length: number) =>
  fc.assert(
    fc.asyncProperty(story(length), ({ commands, season }) =>
      Effect.runPromise(
        Effect.flatMap(filename, (file) => Effect.provide(play(season, commands), engine(file))).pipe(
          Effect.scoped,
          Effect.provide(TestClock.layer())
        )
      )
    ),
    { numRuns: Math.max(runs, numRuns) }
  )

describe("the engine", { timeout: 600_000 }, () => {
  it("MUST answer every command as the model of engine.md does, in memory", () =>
    tell(Effect.succeed(":memory:"), 250, 100))

  it("MUST answer every command as the model of engine.md does, on a file", () => tell(temporaryFile, 15, 100))
})
