/** How far the listings of a facility were read, and why it stands still if it does: the journal keeps it as plain data. */
import type { Progress as StoredProgress } from "@bookio-kit/core/sync/Journal"
import * as Schema from "effect/Schema"

/**
 * Why a facility stands still until someone decides. `restored-server`: the server shows an earlier state than before.
 * `foreign-journal`: records were confirmed with externalIds that are not ours. `deletion-budget`: one side took away too
 * much at once.
 */
export const HaltReason = Schema.Literals(["restored-server", "foreign-journal", "deletion-budget"])
export type HaltReason = typeof HaltReason.Type

export const Progress = Schema.Struct({
  /** Cursors of the listings by `lastSync`, Unix time in milliseconds by the server's clock; absent before the first. */
  reservationsMs: Schema.optionalKey(Schema.Int),
  blockedTimesMs: Schema.optionalKey(Schema.Int),
  /** The last event of the change feed. */
  event: Schema.optionalKey(Schema.Int),
  /** Sync tokens by practice calendar. */
  tokens: Schema.Record(Schema.String, Schema.String),
  /** When the pass began that read each token, by our clock. */
  tokensMs: Schema.Record(Schema.String, Schema.Int),
  /** Calendars whose items are listed in full again, for the last full listing lacked one. */
  listAgain: Schema.Array(Schema.String),
  /** The same of blocked times. */
  blockedTimesAgain: Schema.Boolean,
  /** What events were last judged by: settings and Bookio's calendars, as a digest of `Directory.rules`. */
  rules: Schema.optionalKey(Schema.String),
  passes: Schema.Int,
  /** When both windows were last compared in full, by our clock. */
  comparedMs: Schema.optionalKey(Schema.Int),
  /** The latest instant that the server told. */
  asOfMs: Schema.optionalKey(Schema.Int),
  /** How many reservations the facility had. */
  total: Schema.optionalKey(Schema.Int),
  halt: Schema.optionalKey(Schema.Struct({ reason: HaltReason, sinceMs: Schema.Int, detail: Schema.String })),
  /** What someone allowed: removals beyond the budget until then, and to take what the server shows for the truth once. */
  removalsAllowedUntilMs: Schema.optionalKey(Schema.Int),
  adopt: Schema.optionalKey(Schema.Boolean)
})
export type Progress = typeof Progress.Type

const empty: Progress = {
  tokens: {},
  tokensMs: {},
  listAgain: [],
  blockedTimesAgain: false,
  passes: 0
}

const decode = Schema.decodeUnknownSync(Progress)
const encode = Schema.encodeSync(Progress)

/** Reads what the journal kept; that of another version is a defect, for migrations keep it up to date. */
export const fromJournal = (stored: StoredProgress): Progress => decode({ ...empty, ...stored })

export const toJournal = (progress: Progress): StoredProgress => encode(progress) as StoredProgress
