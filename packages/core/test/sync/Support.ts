/** What the tests of the sync's rules share: a day's times as instants, states, and the sides after a decision. */
import * as Schema from "effect/Schema"
import type { Decision, SideChange } from "../../src/sync/Reconcile.ts"
import type { SyncState, SyncTerm } from "../../src/sync/SyncState.ts"
import { TimeZone } from "../../src/time/TimeZone.ts"

export const bratislava = Schema.decodeUnknownSync(TimeZone)("Europe/Bratislava")
export const utc = (text: string): number => Date.parse(`${text}Z`)

/** `term("10:00-10:30")` in UTC on a day that is the tests' today unless said otherwise. */
export const term = (times: string, day = "2026-11-22"): SyncTerm => ({
  startMs: utc(`${day}T${times.slice(0, 5)}`),
  endMs: utc(`${day}T${times.slice(6)}`)
})

export const state = (times: string, status: SyncState["status"] = "CONFIRMED", text = "J. A."): SyncState => ({
  term: term(times),
  status,
  text
})

const after = (shown: SyncState | undefined, change: SideChange | undefined): SyncState | undefined => {
  switch (change?._tag) {
    case undefined:
      return shown
    case "Create":
      return change.state
    case "Remove":
      return undefined
    case "Update": {
      const { _tag, ...fields } = change
      return shown === undefined ? undefined : { ...shown, ...fields }
    }
  }
}

/** What both sides show once a decision is carried out. */
export const carriedOut = (bookio: SyncState | undefined, practice: SyncState | undefined, decision: Decision) => ({
  bookio: after(bookio, decision.toBookio),
  practice: after(practice, decision.toPractice)
})
