/** DTSTART and DTEND of a term, in the form that suits: each form is read back before it is taken. */
import type { SyncTerm } from "@bookio-kit/core/sync/SyncState"
import { DAY_MS } from "@bookio-kit/core/time/Civil"
import type { TimeZone } from "@bookio-kit/core/time/TimeZone"
import type { Moment } from "./Events.ts"
import { type Line, makeLine } from "./Lines.ts"
import { localText } from "./ZoneLines.ts"
import type { Zone } from "./Zones.ts"

/** The facility's zone and what its name means in the object. */
export interface FacilityZone {
  readonly timeZone: TimeZone
  readonly zone: Zone
}

/** The lines, and the TZID that they name. */
export interface TermLines {
  readonly lines: ReadonlyArray<Line>
  readonly tzid: string | undefined
}

/** Writes a term: in the form of the start that it replaces if that can tell it, else in the facility's zone, else in UTC. */
export const termLines = (term: SyncTerm, facility: FacilityZone, kept?: Moment): TermLines => {
  const startMs = wholeSeconds(term.startMs)
  const endMs = wholeSeconds(term.endMs)
  const written = (value: (ms: number) => readonly [string, ReadonlyArray<string>]): ReadonlyArray<Line> => {
    const lines = [makeLine("DTSTART", ...value(startMs))]
    // An end at the start is none (RFC 5545, 3.8.2.2: it MUST be later).
    return endMs > startMs ? [...lines, makeLine("DTEND", ...value(endMs))] : lines
  }
  const localOf = (zone: Zone, ms: number): number => ms + zone.offsetMsAt(ms)
  const tells = (zone: Zone): boolean => [startMs, endMs].every((ms) => zone.instantOf(localOf(zone, ms)) === ms)
  if (kept?.form === "date" && endMs > startMs && tells(kept.zone)) {
    const days = [startMs, endMs].map((ms) => localOf(kept.zone, ms))
    if (days.every((localMs) => localMs % DAY_MS === 0)) {
      const value = (ms: number) => [localText(localOf(kept.zone, ms)).slice(0, 8), ["VALUE=DATE"]] as const
      return { lines: written(value), tzid: undefined }
    }
  }
  if ((kept?.form === "floating" || kept?.form === "zoned") && tells(kept.zone)) {
    const parameters = kept.tzid === undefined ? [] : [`TZID=${quoted(kept.tzid)}`]
    return { lines: written((ms) => [localText(localOf(kept.zone, ms)), parameters]), tzid: kept.tzid }
  }
  const isUtc = kept?.form === "utc" || /^(Etc\/)?(UTC|UCT|Zulu|Universal)$/i.test(facility.timeZone)
  if (isUtc || !tells(facility.zone)) {
    return { lines: written((ms) => [`${localText(ms)}Z`, []]), tzid: undefined }
  }
  const parameters = [`TZID=${facility.timeZone}`]
  return { lines: written((ms) => [localText(localOf(facility.zone, ms)), parameters]), tzid: facility.timeZone }
}

const wholeSeconds = (ms: number): number => Math.floor(ms / 1_000) * 1_000

const quoted = (value: string): string => (/[:;,]/.test(value) ? `"${value}"` : value)
