/** What a seed draws before anything happens: the facility, the settings of its sync, and how rough it gets. */
import type { Opening } from "@bookio-kit/core/booking/Opening"
import type { Calendar } from "@bookio-kit/core/calendar/Calendar"
import type { Facility } from "@bookio-kit/core/facility/Facility"
import type { Order } from "@bookio-kit/core/page/Paging"
import type { LocalDateTime } from "@bookio-kit/core/time/LocalDateTime"
import type { LocalTime } from "@bookio-kit/core/time/LocalTime"
import type { TimeZone } from "@bookio-kit/core/time/TimeZone"
import type { Person } from "../Plan.ts"
import type { Weather } from "./Network.ts"
import type { Prng } from "./Prng.ts"

export const facilityId = 7
export const timeZone = "Europe/Bratislava" as TimeZone

export const holdPerson: Person = {
  name: "Busy",
  surname: "Practice",
  email: "hold@practice.example",
  phone: "+421900000000"
}

/** Which practice calendars there are, and what each serves. */
export interface BoundCalendar {
  readonly name: string
  readonly serves: ReadonlyArray<number>
  readonly holdService: number | undefined
  readonly usesUp: boolean
  readonly hasTokens: boolean
  readonly rewrites: boolean
  /** Whether no write can be conditional: its etags are weak, or it has none. */
  readonly etags: "strong" | "weak" | "none"
}

export interface Settings {
  readonly startMs: number
  readonly facility: Facility
  readonly calendars: ReadonlyArray<Calendar>
  readonly openings: ReadonlyMap<number, Opening>
  readonly bound: ReadonlyArray<BoundCalendar>
  readonly order: Order
  readonly offsets: boolean
  readonly hasFeed: boolean
  readonly pageRows: number
  readonly serverSkewMs: number
  readonly prefer: "bookio" | "practice"
  readonly onDelete: "cancel" | "restore" | "ask"
  readonly onRefusal: "keep" | "put-back"
  readonly details: "none" | "initials" | "full"
  readonly notes: boolean
  readonly tentative: boolean
  readonly concurrency: number
  /** Items that a pass takes at once: few of them make it act on some while it confirms others. */
  readonly batch: number
  /** The longest that a step of the journal takes, in milliseconds: whatever is done side by side can come in between. */
  readonly journalMs: number
  /** How often someone changes what was just changed, within moments of a write; as a share of our writes. */
  readonly hurries: number
  /** How many events and rows become unreadable for a while, or to the end. */
  readonly malformed: number
  readonly timeoutMs: number
  readonly intervalMs: number
  readonly workers: number
  readonly weather: Weather
  readonly edits: number
  /** How often someone does something while a listing is read page by page, so that rows move; as a share of its pages. */
  readonly pageEdits: number
  readonly lengthMs: number
  /** Whether the journal is put back to an earlier state once. */
  readonly restoresJournal: boolean
  /** Whether Bookio is put back to an earlier state once, where ids are missing then. */
  readonly restoresServer: boolean
  readonly stepsClock: boolean
  /** The share of people's changes that practice calendars leave out of what changed since a token. */
  readonly skips: number
}

const minuteMs = 60_000
const hourMs = 60 * minuteMs

// Shortly before clocks change, and an ordinary week.
const starts = ["2026-10-22T05:00:00Z", "2027-03-25T05:00:00Z", "2026-11-16T06:00:00Z"].map((text) => Date.parse(text))

const calendarOf = (id: number, isAlways: boolean): Calendar => {
  const service = (of: number, name: string, duration: number, hidden: boolean) => ({
    id: of as Calendar["services"][number]["id"],
    name,
    duration,
    capacity: 1,
    referralLetter: false,
    hiddenInOnlineForm: hidden
  })
  const interval = (of: number, from: string, to: string) => ({
    id: of as Calendar["intervals"][number]["id"],
    name: "Open",
    weekDays: [1, 2, 3, 4, 5, 6, 7],
    timeFrom: from as LocalTime,
    timeTo: to as LocalTime,
    allowedServices: []
  })
  return {
    id: id as Calendar["id"],
    facilityId: facilityId as Calendar["facilityId"],
    name: `Doctor ${id}`,
    validFrom: "2026-01-01T00:00:00" as LocalDateTime,
    validTo: "2027-12-31T00:00:00" as LocalDateTime,
    services: [service(id * 10 + 1, "Visit", 30, false), service(id * 10 + 2, "Busy", 15, true)],
    intervals: isAlways
      ? [interval(id * 10 + 1, "00:00", "24:00")]
      : [interval(id * 10 + 1, "08:00", "12:00"), interval(id * 10 + 2, "13:00", "17:00")]
  }
}

const openingOf = (calendar: Calendar): Opening => {
  const minutes = (text: string) => Number(text.slice(0, 2)) * 60 + Number(text.slice(3))
  const day = (text: string) => Date.parse(`${text.slice(0, 10)}T00:00:00Z`) / 86_400_000
  return {
    timeZone,
    validFromDay: day(calendar.validFrom),
    validToDay: day(calendar.validTo),
    intervals: calendar.intervals.map(({ allowedServices, timeFrom, timeTo, weekDays }) => ({
      weekDays,
      timeFromMinutes: minutes(timeFrom),
      timeToMinutes: minutes(timeTo),
      allowedServices
    }))
  }
}

/** Draws the settings of a run. */
export const draw = (chance: Prng): Settings => {
  const others = chance.fork()
  const isAlways = chance.chance(0.4)
  const doctors = chance.chance(0.5) ? [1] : [1, 2]
  const calendars = doctors.map((id) => calendarOf(id, isAlways))
  const isShared = chance.chance(0.3)
  const isHold = chance.chance(0.6)
  const habits = () => ({
    usesUp: chance.chance(0.3),
    hasTokens: chance.chance(0.8),
    rewrites: chance.chance(0.2),
    etags: others.pick(["strong", "strong", "strong", "weak", "none"] as const)
  })
  const bound: ReadonlyArray<BoundCalendar> = isShared
    ? [{ name: "a", serves: doctors, holdService: undefined, ...habits() }]
    : doctors.map((id) => ({
        name: id === 1 ? "a" : "b",
        serves: [id],
        holdService: doctors.length > 1 && isHold ? id * 10 + 2 : undefined,
        ...habits()
      }))
  const intervalMs = chance.pick([minuteMs, minuteMs, 5 * minuteMs, 60 * minuteMs])
  const roughness = chance.pick([0, 0.3, 1, 1, 2])
  return {
    startMs: chance.pick(starts) + chance.int(0, 48) * hourMs,
    facility: {
      id: facilityId as Facility["id"],
      name: "Clinic",
      address: { street: "", city: "", postcode: "", postcodeIsNumber: false },
      contact: {},
      timeZone
    },
    calendars,
    openings: new Map(calendars.map((calendar) => [calendar.id as number, openingOf(calendar)])),
    bound,
    order: chance.chance(0.5) ? "known" : "unknown",
    offsets: chance.chance(0.5),
    hasFeed: chance.chance(0.3),
    pageRows: chance.pick([2, 3, 5, 100]),
    serverSkewMs: chance.int(-10, 10) * minuteMs,
    prefer: chance.chance(0.7) ? "bookio" : "practice",
    onDelete: chance.pick(["cancel", "cancel", "cancel", "restore", "ask"]),
    onRefusal: chance.chance(0.6) ? "keep" : "put-back",
    details: chance.pick(["none", "initials", "full"]),
    notes: chance.chance(0.2),
    tentative: chance.chance(0.3),
    concurrency: chance.pick([1, 2, 4]),
    timeoutMs: 5_000,
    intervalMs,
    workers: chance.chance(0.25) ? 2 : 1,
    weather: {
      refused: 0.05 * roughness,
      lost: 0.08 * roughness,
      crash: chance.chance(0.5) ? 0.005 * roughness : 0,
      truncated: chance.chance(0.5) ? 0.1 * roughness : 0
    },
    edits: chance.int(5, 40),
    pageEdits: 0,
    lengthMs: intervalMs * chance.int(15, 45),
    restoresJournal: chance.chance(0.1),
    restoresServer: false,
    stepsClock: chance.chance(0.2),
    skips: 0,
    batch: chance.pick([2, 3, 1000]),
    journalMs: chance.chance(0.3) ? 40 : 0,
    hurries: chance.chance(0.3) ? 0.15 : 0,
    malformed: chance.chance(0.3) ? chance.int(1, 8) : 0
  }
}
