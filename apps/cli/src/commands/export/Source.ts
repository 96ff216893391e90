/** Where an export is read from, as steps that can be resumed. */
import type { RecordLine } from "@bookio-kit/adapter-sql/admin/Records"
import type { FacilityId } from "@bookio-kit/core/scalar/Id"
import type * as Effect from "effect/Effect"
import type * as Schema from "effect/Schema"

/** What a step read. */
export interface Step {
  readonly lines: ReadonlyArray<RecordLine>
  /** Where the next step begins, as plain data; absent at the end. */
  readonly next: Schema.Json | undefined
  /** At the end: whether nothing that was there throughout can be missing. */
  readonly isComplete: boolean
}

/** One listing of an export. */
export interface Stage<E, R> {
  readonly kind: "reservation" | "blockedTime"
  /** How many rows there were at the start. */
  readonly total: number
  /** Reads on from a place, or from the beginning; `written` are the ids of the rows that an earlier run wrote. */
  readonly step: (at: Schema.Json | undefined, written: ReadonlySet<number>) => Effect.Effect<Step, E, R>
}

/** Everything of one facility. */
export interface Source<E, R> {
  readonly source: "database" | "api"
  /** Names what is read, so that a run goes on only with what it began. */
  readonly name: string
  readonly facilityId: FacilityId
  /** Facility and calendars; asked at the start, and again at the end, for they can change meanwhile. */
  readonly head: Effect.Effect<ReadonlyArray<RecordLine>, E, R>
  readonly stages: ReadonlyArray<Stage<E, R>>
}
