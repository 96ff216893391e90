/**
 * Commands to the engine, generated so that they collide: few days around a change of clocks, few hours, few ids, few
 * persons, and often several things wrong at once. Texts come from the schemas themselves.
 */
import { BlockedTimeChange, NewBlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import { CalendarChange, CalendarEnd } from "@bookio-kit/core/calendar/Calendar"
import { NewReservation, ReservationStatus, TermChange } from "@bookio-kit/core/reservation/Reservation"
import { CancellationReason, Note } from "@bookio-kit/core/scalar/Words"
import { LocalDate } from "@bookio-kit/core/time/LocalDate"
import { Arbitrary, Effect, Schema } from "effect"
import * as fc from "fast-check"
import type { Who } from "./ModelRules.ts"

/** Values of a schema, as the schema itself draws them. */
const drawn = <A>(schema: Schema.Codec<A>): fc.Arbitrary<A> =>
  fc
    .integer({ min: 0 })
    .map((seed) => Effect.runSync(Arbitrary.sampleEffect(Arbitrary.schema(schema), { count: 1, seed }))[0]!)

const sometimes = <A>(arbitrary: fc.Arbitrary<A>, weight = 1) =>
  fc.oneof({ weight: 3, arbitrary: fc.constant(undefined) }, { weight, arbitrary })

/** A record without the members that are undefined. */
const given = <R extends object>(record: { [K in keyof R]-?: fc.Arbitrary<R[K] | undefined> }) =>
  fc
    .record(record as { [K in keyof R]: fc.Arbitrary<R[K]> })
    .map((all) => Object.fromEntries(Object.entries(all).filter(([, value]) => value !== undefined)) as R)

const pick = fc.oneof({ weight: 20, arbitrary: fc.nat(40) }, { weight: 1, arbitrary: fc.constant(-1) })
const writer: fc.Arbitrary<Who> = fc.constantFrom(1, 1, 2).map((channel) => ({ channel, access: "write" }))
const anyone: fc.Arbitrary<Who> = fc
  .tuple(fc.constantFrom(1, 2), fc.constantFrom("write" as const, "write" as const, "book" as const))
  .map(([channel, access]) => ({ channel, access }))
const facilityId = fc.oneof(
  { weight: 12, arbitrary: fc.constant(1) },
  { weight: 2, arbitrary: fc.constant(2) },
  { weight: 1, arbitrary: fc.constant(9) }
)
const external = fc.integer({ min: 1, max: 8 })

/** The days around a change of clocks, and offsets that fit some times of them or none. */
export interface Season {
  readonly days: ReadonlyArray<string>
  readonly offsets: ReadonlyArray<string>
}

export const seasons: ReadonlyArray<Season> = [
  { days: ["2026-10-24", "2026-10-25", "2026-10-26"], offsets: ["+02:00", "+01:00", "+00:00"] },
  { days: ["2026-03-28", "2026-03-29", "2026-03-30"], offsets: ["+01:00", "+02:00", "+00:00"] }
]

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

const listDay = ({ days }: Season) => fc.constantFrom(...days.map((text) => LocalDate.make(text)))

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

/** What a calendar may become. Services are named by their place, now or in the request, since ids come from the engine. */
export interface Reshape {
  readonly facilityId?: number
  readonly name?: string
  readonly validFrom?: string
  readonly validTo?: string
  readonly services?: ReadonlyArray<{
    readonly place: number | "local"
    readonly duration: number
    readonly capacity: number
    readonly hiddenInOnlineForm: boolean
  }>
  readonly intervals?: ReadonlyArray<{
    readonly times: readonly [string, string]
    /** The place of a service in the request. */
    readonly allows: ReadonlyArray<number>
    readonly keeps: boolean
  }>
}

const everyDay = [1, 2, 3, 4, 5, 6, 7]

const shapes: ReadonlyArray<NonNullable<Reshape["intervals"]>> = [
  [{ times: ["00:00", "24:00"], allows: [], keeps: true }],
  [
    { times: ["00:00", "02:30"], allows: [], keeps: true },
    { times: ["02:30", "12:00"], allows: [0], keeps: false },
    { times: ["20:00", "24:00"], allows: [], keeps: true }
  ],
  [
    { times: ["01:00", "03:00"], allows: [1, 0], keeps: true },
    { times: ["08:00", "16:00"], allows: [], keeps: false }
  ]
]

const reshape = (season: Season) =>
  fc.record({
    _tag: fc.constant("reshape" as const),
    who: writer,
    calendar: fc.constantFrom(1, 1, 2, 3, 9),
    change: given<Required<Reshape>>({
      facilityId: sometimes(facilityId),
      name: sometimes(fc.constantFrom("Renamed", "Renamed again")),
      validFrom: sometimes(fc.constantFrom("2026-01-01", season.days[1]!)),
      validTo: sometimes(fc.constantFrom("2026-12-31", season.days[1]!)),
      services: sometimes(
        fc.oneof(
          // All stay, but one at a time: what was booked beside another is over capacity.
          fc.constant([0, 1, 2].map((place) => ({ place, duration: 30, capacity: 1, hiddenInOnlineForm: false }))),
          fc.uniqueArray(
            fc.record({
              place: fc.constantFrom<number | "local">(0, 1, 2, "local"),
              duration: fc.constantFrom(30, 60, 90),
              capacity: fc.constantFrom(1, 2, 3),
              hiddenInOnlineForm: fc.boolean()
            }),
            { selector: ({ place }) => place, minLength: 1, maxLength: 4 }
          )
        )
      ),
      intervals: sometimes(fc.constantFrom(...shapes))
    })
  })

const decodeChange = Schema.decodeSync(CalendarChange)

/** The request of a reshape, for a calendar with these services and intervals. */
export const changeOf = (
  { intervals, services, ...rest }: Reshape,
  calendar: { readonly services: ReadonlyArray<number>; readonly intervals: ReadonlyArray<{ readonly id: number }> }
): CalendarChange => {
  const local = 1_000_000
  const ids = services?.map(({ place }) =>
    place === "local" ? local : (calendar.services[place] ?? local + 1 + place)
  )
  const known = ids ?? calendar.services
  return decodeChange({
    ...rest,
    ...(services === undefined
      ? {}
      : {
          services: services.map(({ place, ...service }, at) => ({
            ...service,
            id: ids![at]!,
            name: `Service ${place}`
          }))
        }),
    ...(intervals === undefined
      ? {}
      : {
          intervals: intervals.map(({ allows, keeps, times }, at) => {
            const id = keeps ? calendar.intervals[at]?.id : undefined
            return {
              ...(id === undefined ? {} : { id }),
              name: `Interval ${at}`,
              weekDays: everyDay,
              timeFrom: times[0],
              timeTo: times[1],
              allowedServices: allows
                .map((place) => known[place % known.length]!)
                .filter((s, i, all) => all.indexOf(s) === i)
            }
          })
        })
  })
}

const decodeEnd = Schema.decodeSync(CalendarEnd)

const end = (season: Season) =>
  fc.record({
    _tag: fc.constant("end" as const),
    who: writer,
    calendar: fc.constantFrom(1, 2, 3, 9),
    given: given<typeof CalendarEnd.Encoded>({
      facilityId: sometimes(facilityId),
      validTo: sometimes(fc.constantFrom("2025-12-30", "2025-12-31", season.days[1]!, "2026-12-31"), 9)
    }).map((ended) => decodeEnd(ended))
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
