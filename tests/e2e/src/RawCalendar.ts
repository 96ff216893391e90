/**
 * Reads .ics texts and listed rows for tests, apart from the code under test: events without series, times in UTC, in
 * Europe/Bratislava or whole days there, by the rule of the European Union (2000/84/EC) and not by a zone table.
 */

/** An event of a calendar, as its text says. */
export interface RawEvent {
  readonly file: string
  readonly text: string
  readonly uid: string
  readonly startMs: number
  readonly endMs: number
  readonly summary: string
  readonly status: string
  readonly isFree: boolean
  readonly isPrivate: boolean
  readonly sequence: number
  readonly didNotCome: boolean
  readonly isSeries: boolean
  /** The first three parts of our mark: kind, facility, id. */
  readonly mark: string | undefined
}

const hourMs = 3_600_000

/** One o'clock UTC of the last Sunday of a month; `month` from 0. */
const lastSunday = (year: number, month: number): number => {
  const last = new Date(Date.UTC(year, month + 1, 0, 1))
  return last.getTime() - last.getUTCDay() * 24 * hourMs
}

const isSummer = (ms: number): boolean => {
  const year = new Date(ms).getUTCFullYear()
  return ms >= lastSunday(year, 2) && ms < lastSunday(year, 9)
}

/** The first clock change in Bratislava after an instant. */
export const nextClockChange = (ms: number): number => {
  const year = new Date(ms).getUTCFullYear()
  const changes = [lastSunday(year, 2), lastSunday(year, 9), lastSunday(year + 1, 2)]
  return changes.find((one) => one > ms) as number
}

/** The instant of a wall-clock text of Bratislava ("2026-11-23T10:00:00"): the first of two, by the offset before a gap. */
export const fromWall = (text: string): number => {
  const asUtc = Date.parse(`${text.length === 10 ? `${text}T00:00:00` : text.slice(0, 19)}Z`)
  return isSummer(asUtc - 2 * hourMs) ? asUtc - 2 * hourMs : asUtc - hourMs
}

/** The wall-clock text of an instant in Bratislava. */
export const toWall = (ms: number): string => new Date(ms + (isSummer(ms) ? 2 : 1) * hourMs).toISOString().slice(0, 19)

/** The term of a listed row. */
export const termOf = (row: {
  readonly dateFrom: string
  readonly dateTo: string
  readonly dateFromOffset?: string
  readonly dateToOffset?: string
}) => {
  const read = (text: string, offset: string | undefined) =>
    offset === undefined ? fromWall(text) : Date.parse(`${text}${offset}`)
  return { startMs: read(row.dateFrom, row.dateFromOffset), endMs: read(row.dateTo, row.dateToOffset) }
}

const timeOf = (line: string | undefined): number => {
  const [, parameters = "", value = ""] = /^[A-Z]+((?:;[^:]*)?):(.*)$/.exec(line ?? "") ?? []
  const [, y, m, d, h = "00", min = "00", s = "00", utc] =
    /^(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)(Z?))?$/.exec(value) ?? []
  if (y === undefined) return Number.NaN
  const text = `${y}-${m}-${d}T${h}:${min}:${s}`
  if (utc === "Z") return Date.parse(`${text}Z`)
  if (parameters.includes("TZID") && !parameters.includes("Europe/Bratislava")) return Number.NaN
  return fromWall(text)
}

/** Reads the first event of a text. @throws where there is none. */
export const readRaw = (file: string, text: string): RawEvent => {
  const lines = text.replace(/\r?\n[ \t]/g, "").split(/\r?\n/)
  const from = lines.indexOf("BEGIN:VEVENT")
  const to = lines.indexOf("END:VEVENT")
  if (from < 0 || to < 0) throw new Error(`${file} has no event`)
  const own = lines.slice(from, to)
  const line = (name: string) => own.find((one) => one.startsWith(`${name}:`) || one.startsWith(`${name};`))
  const value = (name: string) => line(name)?.replace(/^[^:]*:/, "") ?? ""
  const mark = value("X-BOOKIO-MARK")
  return {
    file,
    text,
    uid: value("UID"),
    startMs: timeOf(line("DTSTART")),
    endMs: timeOf(line("DTEND")),
    summary: value("SUMMARY"),
    status: value("STATUS"),
    isFree: value("TRANSP") === "TRANSPARENT",
    isPrivate: value("CLASS") === "PRIVATE",
    sequence: Number(value("SEQUENCE")),
    didNotCome: value("X-BOOKIO-STATUS") === "DID_NOT_COME",
    isSeries: line("RRULE") !== undefined,
    mark: mark === "" ? undefined : mark.split("/").slice(0, 3).join("/")
  }
}
