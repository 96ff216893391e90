/**
 * The proleptic Gregorian calendar as plain integers, and the digits of its texts: what the other modules of this folder
 * share. Written out by hand, because a `Date` or a regular expression per value would cost more than the rest of a list
 * page. It assumes ASCII digits and years of four digits.
 */

/** The length of a day on a clock that never changes, in milliseconds. */
export const DAY_MS = 86_400_000

/** The epoch day of 1900-01-01, the first day that a text can name. */
export const FIRST_DAY = -25_567

/** The epoch day of 9999-12-31, the last day that a text can name. */
export const LAST_DAY = 2_932_896

/** The days since 1970-01-01 of a day that exists (after H. Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
export const epochDayOf = (year: number, month: number, day: number): number => {
  // The year starts in March, so that the leap day is its last.
  const y = month > 2 ? year : year - 1
  const era = Math.floor(y / 400)
  const yearOfEra = y - era * 400
  const dayOfYear = Math.floor((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5) + day - 1
  return era * 146_097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719_468
}

const twoDigits: ReadonlyArray<string> = Array.from({ length: 100 }, (_, n) => String(n).padStart(2, "0"))

/** The two decimal digits of an integer from 0 to 99. */
export const digits = (value: number): string => twoDigits[value]!

// A list page names few days, and mostly neighbours the same one.
let lastDay = Number.NaN
let lastText = ""

/** The text "YYYY-MM-DD" of an epoch day; one outside 1900-01-01 to 9999-12-31 gives the nearer of the two. */
export const dayText = (epochDay: number): string => {
  if (epochDay === lastDay) return lastText
  // Counted from 0000-03-01, so that nothing is negative and `| 0`, which keeps the engine on integers, is a floor.
  const days = (Math.min(Math.max(epochDay, FIRST_DAY), LAST_DAY) + 719_468) | 0
  const era = (days / 146_097) | 0
  const dayOfEra = days - era * 146_097
  const leapDays = ((dayOfEra / 1_460) | 0) - ((dayOfEra / 36_524) | 0) + ((dayOfEra / 146_096) | 0)
  const yearOfEra = ((dayOfEra - leapDays) / 365) | 0
  const dayOfYear = dayOfEra - (365 * yearOfEra + ((yearOfEra / 4) | 0) - ((yearOfEra / 100) | 0))
  const monthFromMarch = ((5 * dayOfYear + 2) / 153) | 0
  const day = dayOfYear - (((153 * monthFromMarch + 2) / 5) | 0) + 1
  const month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
  const year = era * 400 + yearOfEra + (month <= 2 ? 1 : 0)
  const century = (year / 100) | 0
  lastText = `${digits(century)}${digits(year - century * 100)}-${digits(month)}-${digits(day)}`
  lastDay = epochDay
  return lastText
}

/** The texts "HH:mm" of the minutes of a day, 0 to 1440. */
export const minuteTexts: ReadonlyArray<string> = Array.from(
  { length: 1_441 },
  (_, minute) => `${digits((minute / 60) | 0)}:${digits(minute % 60)}`
)

/** The number written in two ASCII digits at a position of a text, or -1. */
export const twoAt = (text: string, position: number): number => {
  const tens = text.charCodeAt(position) - 48
  const ones = text.charCodeAt(position + 1) - 48
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1
}

const monthLengths: ReadonlyArray<number> = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

const lengthOf = (year: number, month: number): number =>
  month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0) ? 29 : (monthLengths[month - 1] ?? 0)

/** The epoch day of the "YYYY-MM-DD" that a text begins with, or `undefined` where it names no day from 1900 to 9999. */
export const parseDay = (text: string): number | undefined => {
  const century = twoAt(text, 0)
  const yearOfCentury = twoAt(text, 2)
  const month = twoAt(text, 5)
  const day = twoAt(text, 8)
  const wellFormed = century >= 19 && yearOfCentury >= 0 && text.charCodeAt(4) === 45 && text.charCodeAt(7) === 45
  if (!wellFormed || day < 1) return undefined
  const year = century * 100 + yearOfCentury
  return day <= lengthOf(year, month) ? epochDayOf(year, month, day) : undefined
}

/** The milliseconds from midnight of the "HH:mm", 00:00 to 23:59, at a position of a text, or -1. */
export const parseMinutes = (text: string, position: number): number => {
  const hours = twoAt(text, position)
  const minutes = twoAt(text, position + 3)
  return hours >= 0 && hours <= 23 && minutes >= 0 && minutes <= 59 && text.charCodeAt(position + 2) === 58
    ? (hours * 60 + minutes) * 60_000
    : -1
}

/** The milliseconds from midnight of the "HH:mm:ss", 00:00:00 to 23:59:59, at a position of a text, or -1. */
export const parseSeconds = (text: string, position: number): number => {
  const minutesMs = parseMinutes(text, position)
  const seconds = twoAt(text, position + 6)
  return minutesMs >= 0 && seconds >= 0 && seconds <= 59 && text.charCodeAt(position + 5) === 58
    ? minutesMs + seconds * 1_000
    : -1
}
