/** A blocked time: a term in which none of a facility's calendars can be booked (engine.md, rule 4). */
import * as Schema from "effect/Schema"
import { saying } from "../scalar/Check.ts"
import { BlockedTimeId, ExternalId, FacilityId } from "../scalar/Id.ts"
import { tolerant } from "../scalar/Tolerant.ts"
import { Note } from "../scalar/Words.ts"
import { LocalDateTime } from "../time/LocalDateTime.ts"
import { UtcOffset } from "../time/UtcOffset.ts"
import { WallTime } from "../time/WallTime.ts"

/** A blocked time as one channel sees it; [dateFrom, dateTo) in the facility's zone. The row names no facility. */
export const BlockedTime = Schema.Struct({
  id: BlockedTimeId,
  externalId: tolerant(ExternalId),
  dateFrom: LocalDateTime,
  dateFromOffset: tolerant(UtcOffset),
  dateTo: LocalDateTime,
  dateToOffset: tolerant(UtcOffset),
  note: tolerant(Schema.String)
}).annotate({ identifier: "BlockedTime" })
export type BlockedTime = typeof BlockedTime.Type

/** What creates a blocked time. A `dateTo` that is only a day means to the end of that day. */
export const NewBlockedTime = Schema.Struct({
  dateFrom: WallTime,
  dateFromOffset: Schema.optionalKey(UtcOffset),
  dateTo: WallTime,
  dateToOffset: Schema.optionalKey(UtcOffset),
  externalId: ExternalId,
  note: Note,
  facilityId: FacilityId
}).annotate({ identifier: "NewBlockedTime", ...saying("notObject") })
export type NewBlockedTime = typeof NewBlockedTime.Type

/** What moves a blocked time: a member left out keeps its value. */
export const BlockedTimeChange = Schema.Struct({
  dateFrom: Schema.optionalKey(WallTime),
  dateFromOffset: Schema.optionalKey(UtcOffset),
  dateTo: Schema.optionalKey(WallTime),
  dateToOffset: Schema.optionalKey(UtcOffset)
}).annotate({ identifier: "BlockedTimeChange", ...saying("notObject") })
export type BlockedTimeChange = typeof BlockedTimeChange.Type
