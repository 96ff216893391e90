/**
 * What the laws for practice calendars are tried on: a calendar, and what its author tells of it. The laws make items of
 * fresh UIDs in 2031 and remove them; whatever else is in the calendar stays.
 */
import type { PracticeCalendar } from "@bookio-kit/core/sync/PracticeCalendar"
import { TimeZone } from "@bookio-kit/core/time/TimeZone"
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"

/** Another program's hand on a calendar that holds iCalendar objects. */
export interface RawObjects {
  /** Puts a text in an item's place, whatever is there; `name` is like "a.ics". Gives its href. */
  readonly put: (name: string, text: string) => Effect.Effect<string>
  /** Reads the text of an item, as it is stored. */
  readonly get: (href: string) => Effect.Effect<string>
  readonly remove: (href: string) => Effect.Effect<void>
}

export interface PracticeSubjectOptions {
  /**
   * What its sync tokens can: `changes` tells what changed; `whole` only whether anything did; `none` where there are no
   * tokens.
   */
  readonly tokens: "changes" | "whole" | "none"
  /** Left out by calendars that hold no iCalendar objects; then what needs it is not run. */
  readonly raw?: RawObjects
  /** Where its objects may be malformed: `false` for a server that refuses to store such. */
  readonly takesMalformed?: boolean
  /** The zone that the laws write in. */
  readonly timeZone?: TimeZone
}

export class PracticeSubject extends Context.Service<
  PracticeSubject,
  Required<Omit<PracticeSubjectOptions, "raw">> & {
    readonly calendar: PracticeCalendar["Service"]
    readonly raw: RawObjects | undefined
  }
>()("@bookio-kit/conformance/practice/PracticeSubject") {}

const bratislava = Schema.decodeSync(TimeZone)("Europe/Bratislava")

/** Makes a subject. */
export const make = (
  calendar: PracticeCalendar["Service"],
  options: PracticeSubjectOptions
): PracticeSubject["Service"] =>
  PracticeSubject.of({ takesMalformed: true, timeZone: bratislava, ...options, calendar, raw: options.raw })

/** A subject whose making may fail or be scoped. */
export const layer = <E, R>(subject: Effect.Effect<PracticeSubject["Service"], E, R>) =>
  Layer.effect(PracticeSubject)(subject)
