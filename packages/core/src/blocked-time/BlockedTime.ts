/** A blocked time: a term in which none of a facility's calendars can be booked (engine.md, rule 4). */
import * as Schema from "effect/Schema"
import { row } from "../page/Row.ts"
import { saying } from "../scalar/Check.ts"
import { described } from "../scalar/Described.ts"
import { BlockedTimeId, ExternalId, FacilityId } from "../scalar/Id.ts"
import { tolerant } from "../scalar/Tolerant.ts"
import { Note } from "../scalar/Words.ts"
import { LocalDateTime } from "../time/LocalDateTime.ts"
import { offsetsHaveTimes } from "../time/TermOffsets.ts"
import { UtcOffset } from "../time/UtcOffset.ts"
import { WallTime } from "../time/WallTime.ts"

/** A blocked time as one channel sees it; [dateFrom, dateTo) in the facility's zone. The row names no facility. */
export const BlockedTime = row(
  Schema.Struct({
    id: BlockedTimeId,
    externalId: tolerant(ExternalId),
    dateFrom: LocalDateTime,
    dateFromOffset: tolerant(UtcOffset),
    dateTo: LocalDateTime,
    dateToOffset: tolerant(UtcOffset),
    note: tolerant(Schema.String)
  }).annotate({ identifier: "BlockedTime" })
)
export type BlockedTime = typeof BlockedTime.Type

const blockedTo = "End, exclusive; a day alone means to the end of that day."

/** What creates a blocked time. A `dateTo` that is only a day means to the end of that day. */
export const NewBlockedTime = Schema.Struct({
  dateFrom: described(WallTime, "Start, inclusive."),
  dateFromOffset: Schema.optionalKey(UtcOffset),
  dateTo: described(WallTime, blockedTo),
  dateToOffset: Schema.optionalKey(UtcOffset),
  externalId: described(ExternalId, "The channel's own id of it, unique among its blocked times of the facility."),
  note: Note,
  facilityId: FacilityId
}).annotate({ identifier: "NewBlockedTime", ...saying("notObject") })
export type NewBlockedTime = typeof NewBlockedTime.Type

/** What moves a blocked time: a member left out keeps its value. */
export const BlockedTimeChange = Schema.Struct({
  dateFrom: described(Schema.optionalKey(WallTime), "Start, inclusive; kept where left out."),
  dateFromOffset: Schema.optionalKey(UtcOffset),
  dateTo: described(Schema.optionalKey(WallTime), `${blockedTo} Kept where left out.`),
  dateToOffset: Schema.optionalKey(UtcOffset)
})
  .check(offsetsHaveTimes)
  .annotate({ identifier: "BlockedTimeChange", ...saying("notObject") })
export type BlockedTimeChange = typeof BlockedTimeChange.Type
