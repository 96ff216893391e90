/** Commands that change or end a calendar, whose services and intervals get their ids from the engine. */
import { CalendarChange, CalendarEnd } from "@bookio-kit/core/calendar/Calendar"
import { Schema } from "effect"
import * as fc from "fast-check"
import { facilityId, given, type Season, sometimes, writer } from "./Drawn.ts"

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

export const reshape = (season: Season) =>
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

export const end = (season: Season) =>
  fc.record({
    _tag: fc.constant("end" as const),
    who: writer,
    calendar: fc.constantFrom(1, 2, 3, 9),
    given: given<typeof CalendarEnd.Encoded>({
      facilityId: sometimes(facilityId),
      validTo: sometimes(fc.constantFrom("2025-12-30", "2025-12-31", season.days[1]!, "2026-12-31"), 9)
    }).map((ended) => decodeEnd(ended))
  })
