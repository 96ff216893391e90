/**
 * Commands to the engine, generated so that they collide: few days around a change of clocks, few hours, few ids, few
 * persons, and often several things wrong at once. Texts come from the schemas themselves.
 */
import { BlockedTimeChange, NewBlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import { NewReservation, ReservationStatus, TermChange } from "@bookio-kit/core/reservation/Reservation"
import { CancellationReason, Note } from "@bookio-kit/core/scalar/Words"
import type { LocalDate } from "@bookio-kit/core/time/LocalDate"
import { Schema } from "effect"
import * as fc from "fast-check"
import { end, reshape } from "./CalendarCommands.ts"
import {
  anyone,
  drawn,
  external,
  facilityId,
  given,
  listDay,
  pick,
  type Season,
  seasons,
  sometimes,
  writer
} from "./Drawn.ts"

const time = ({ days, offsets }: Season) => {
  const day = fc.constantFrom(days[0]!, days[1]!, days[1]!, days[1]!, days[2]!)
  const clock = fc
    .tuple(fc.constantFrom("00", "02", "02", "03", "09", "11", "12", "15", "23"), fc.constantFrom("00", "00", "30"))
    .map(([hour, minute]) => `${hour}:${minute}`)
  const local = fc.tuple(day, clock).map(([d, c]) => `${d}T${c}`)
  return fc.oneof(
    { weight: 8, arbitrary: local.map((text) => `${text}:00`) },
    { weight: 2, arbitrary: local },
    { weight: 1, arbitrary: day },
    { weight: 1, arbitrary: local.map((text) => `${text}:00Z`) },
    {
      weight: 1,
      arbitrary: fc.tuple(local, fc.constantFrom(...offsets)).map(([text, offset]) => `${text}:00${offset}`)
    }
  )
}

const offset = ({ offsets }: Season) =>
  fc.oneof({ weight: 8, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: fc.constantFrom(...offsets) })

// Two of them are one person in different writing, a third shares her phone, a fourth her name and e-mail.
const persons = [
  { name: "Eva", surname: "Nováková", email: "eva@example.com", phone: "0948 762 315" },
  { name: "EVA ", surname: " nováková", email: "Eva.2@example.com", phone: "+421 948/762315" },
  { name: "Ján", surname: "Novák", email: "jan@example.com", phone: "00421948762315" },
  { name: "eva", surname: "NOVÁKOVÁ", email: "EVA@example.com", phone: "+421900000000" },
  { name: "Max", surname: "Muster", email: "max@example.com", phone: "+421911111111" },
  { name: "Ida", surname: "Muster", email: "ida@example.com", phone: "+421922222222" }
]
const person = fc.constantFrom(...persons)

const decodeReservation = Schema.decodeSync(NewReservation)

const create = (season: Season) =>
  fc.record({
    _tag: fc.constant("create" as const),
    who: anyone,
    given: fc
      .tuple(
        person,
        given<Omit<typeof NewReservation.Encoded, "name" | "surname" | "email" | "phone" | "locale">>({
          facilityId,
          serviceId: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 1, max: 4 }) }, fc.integer({ min: 5, max: 9 })),
          externalId: external,
          dateFrom: time(season),
          dateFromOffset: offset(season),
          note: sometimes(drawn(Note))
        })
      )
      .map(([who, rest]) => decodeReservation({ locale: "sk", ...who, ...rest }))
  })

/** An earlier create once more, by whoever: as it was, or under another id, or for another person. */
const again = fc.record({
  _tag: fc.constant("again" as const),
  pick: fc.nat(40),
  who: sometimes(anyone),
  change: given<{ externalId: number; person: (typeof persons)[number] }>({
    externalId: sometimes(external, 4),
    person: sometimes(person, 4)
  })
})

const status = fc.record({
  _tag: fc.constant("status" as const),
  who: writer,
  pick,
  to: fc.constantFrom(...ReservationStatus.literals, "CANCELLED" as const, "CONFIRMED" as const),
  reason: sometimes(drawn(CancellationReason))
})

// A port is told what its types allow, so also what the form of a request refuses before it: an offset without its time.
const unchecked = { disableChecks: true } as const
const decodeTerm = Schema.decodeSync(TermChange, unchecked)

const term = (season: Season) =>
  fc.record({
    _tag: fc.constant("term" as const),
    who: writer,
    pick,
    given: given<typeof TermChange.Encoded>({
      dateFrom: fc.oneof({ weight: 3, arbitrary: time(season) }, fc.constant(undefined)),
      dateFromOffset: offset(season),
      dateTo: fc.oneof({ weight: 2, arbitrary: time(season) }, fc.constant(undefined), fc.constant(null)),
      dateToOffset: offset(season)
    }).map((change) => decodeTerm(change))
  })

const confirm = fc.record({
  _tag: fc.constant("confirm" as const),
  who: writer,
  pick,
  externalId: sometimes(external, 3)
})

const paged = {
  facilityId: sometimes(facilityId),
  offset: sometimes(fc.nat(4)),
  limit: sometimes(fc.nat(4)),
  /** How far back from the latest change instant, in milliseconds. */
  since: sometimes(fc.constantFrom(-1, 0, 1, 3_600_000, 90_000_000))
}

const list = (season: Season) =>
  fc.record({
    _tag: fc.constant("list" as const),
    who: anyone,
    /** Whose number to look for. */
    numberOf: sometimes(pick),
    query: given<{
      email: string
      status: ReservationStatus
      from: LocalDate
      to: LocalDate
      onlyUnsynced: boolean
      facilityId: number
      offset: number
      limit: number
      since: number
    }>({
      ...paged,
      email: sometimes(fc.constantFrom("eva@example.com", " EVA@Example.com", "nobody@example.com")),
      status: sometimes(fc.constantFrom(...ReservationStatus.literals)),
      from: sometimes(listDay(season)),
      to: sometimes(listDay(season)),
      onlyUnsynced: sometimes(fc.boolean())
    })
  })

const decodeBlocked = Schema.decodeSync(NewBlockedTime)
const decodeBlockedChange = Schema.decodeSync(BlockedTimeChange, unchecked)

const block = (season: Season) =>
  fc.record({
    _tag: fc.constant("block" as const),
    who: writer,
    given: given<typeof NewBlockedTime.Encoded>({
      facilityId,
      externalId: external,
      dateFrom: time(season),
      dateFromOffset: offset(season),
      dateTo: time(season),
      dateToOffset: offset(season),
      note: drawn(Note)
    }).map((blocked) => decodeBlocked(blocked))
  })

/** An earlier blocked time once more. */
const blockAgain = fc.record({ _tag: fc.constant("blockAgain" as const), pick: fc.nat(40) })

const moveBlock = (season: Season) =>
  fc.record({
    _tag: fc.constant("moveBlock" as const),
    who: writer,
    pick,
    given: given<typeof BlockedTimeChange.Encoded>({
      dateFrom: sometimes(time(season), 3),
      dateFromOffset: offset(season),
      dateTo: sometimes(time(season), 3),
      dateToOffset: offset(season)
    }).map((change) => decodeBlockedChange(change))
  })

const unblock = fc.record({ _tag: fc.constant("unblock" as const), who: writer, pick })

const listBlocks = (season: Season) =>
  fc.record({
    _tag: fc.constant("listBlocks" as const),
    who: writer,
    query: given<{
      dateFrom: LocalDate
      dateTo: LocalDate
      facilityId: number
      offset: number
      limit: number
      since: number
    }>({ ...paged, dateFrom: sometimes(listDay(season)), dateTo: sometimes(listDay(season)) })
  })

const slots = (season: Season) =>
  fc.record({
    _tag: fc.constant("slots" as const),
    who: anyone,
    facilityId,
    serviceId: fc.integer({ min: 1, max: 7 }),
    from: listDay(season),
    to: listDay(season)
  })

const clock = fc.record({
  _tag: fc.constant("clock" as const),
  byMs: fc.constantFrom(1, 1_000, 3_600_000, 21_600_000, 90_000_000, -1, -3_600_000, -90_000_000)
})

const command = (season: Season) =>
  fc.oneof(
    { weight: 6, arbitrary: create(season) },
    { weight: 6, arbitrary: again },
    { weight: 5, arbitrary: status },
    { weight: 5, arbitrary: term(season) },
    { weight: 3, arbitrary: confirm },
    { weight: 3, arbitrary: list(season) },
    { weight: 2, arbitrary: block(season) },
    { weight: 1, arbitrary: blockAgain },
    { weight: 1, arbitrary: moveBlock(season) },
    { weight: 2, arbitrary: unblock },
    { weight: 1, arbitrary: listBlocks(season) },
    { weight: 2, arbitrary: reshape(season) },
    { weight: 1, arbitrary: end(season) },
    { weight: 2, arbitrary: slots(season) },
    { weight: 3, arbitrary: clock }
  )

export type Command = ReturnType<typeof command> extends fc.Arbitrary<infer C> ? C : never

/** A season and what happens in it: some bookings to begin with, then anything. */
export const story = (length: number) =>
  fc.constantFrom(...seasons).chain((season) =>
    fc.record({
      season: fc.constant(season),
      commands: fc
        .tuple(
          fc.array(create(season), { maxLength: 20, size: "max" }),
          fc.array(command(season), { maxLength: length, size: "max" })
        )
        .map(([bookings, others]): ReadonlyArray<Command> => [...bookings, ...others])
    })
  )
