/** A free slot of a service: a term that can be booked (api.md, "Extension"; engine.md, rule 15). */
import * as Schema from "effect/Schema"
import * as SchemaIssue from "effect/SchemaIssue"
import { row } from "../page/Row.ts"
import { saying } from "../scalar/Check.ts"
import { described } from "../scalar/Described.ts"
import { FacilityId, ServiceId } from "../scalar/Id.ts"
import { fromDecimal } from "../scalar/Parameters.ts"
import { tolerant } from "../scalar/Tolerant.ts"
import { LocalDate, toEpochDay } from "../time/LocalDate.ts"
import { LocalDateTime } from "../time/LocalDateTime.ts"
import { UtcOffset } from "../time/UtcOffset.ts"

/** [dateFrom, dateTo) in the facility's zone, and how many more reservations it can take. */
export const Slot = row(
  Schema.Struct({
    dateFrom: LocalDateTime,
    dateFromOffset: tolerant(UtcOffset),
    dateTo: LocalDateTime,
    dateToOffset: tolerant(UtcOffset),
    free: Schema.Finite
  }).annotate({ identifier: "Slot" })
)
export type Slot = typeof Slot.Type

/** The most days that one query may span. */
export const maxSlotDays = 62

/** The members of a slot query: the slots of a service that start from `from` to `to`, days in the facility's zone, inclusive. */
export const slotQueryFields = {
  facilityId: fromDecimal(FacilityId),
  serviceId: fromDecimal(ServiceId),
  from: described(LocalDate, "The first day that a slot may start on."),
  to: described(LocalDate, `The last day that a slot may start on, inclusive; at most ${maxSlotDays} days in all.`)
}

/** The check of a slot query's range: not turned round, at most 62 days. */
export const slotRange = Schema.makeFilter(({ from, to }: { readonly from: LocalDate; readonly to: LocalDate }) => {
  const days = toEpochDay(to) - toEpochDay(from) + 1
  if (days >= 1 && days <= maxSlotDays) return undefined
  const problem = days < 1 ? saying("after", { other: "to" }) : saying("tooManyDays", { max: maxSlotDays })
  return { path: ["from"], issue: new SchemaIssue.InvalidValue(problem) }
})

export interface SlotQuery {
  readonly facilityId: FacilityId
  readonly serviceId: ServiceId
  readonly from: LocalDate
  readonly to: LocalDate
}
