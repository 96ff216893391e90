/** Conditions of listings, over a table called `r` that has a `facility_id`. */
import type { TimeZone } from "@bookio-kit/core/time/TimeZone"
import type { SqlClient } from "effect/sql/SqlClient"
import * as Statement from "effect/sql/Statement"
import type { FacilityState } from "./FacilityState.ts"

/** All conditions that are given. */
export const allOf = (conditions: ReadonlyArray<Statement.Fragment | undefined>): Statement.Fragment =>
  Statement.and(conditions.filter((condition) => condition !== undefined))

/** Rows of some facilities, with a condition for each zone: a day begins at another instant elsewhere. */
export const inEachZone = (
  sql: SqlClient,
  facilities: ReadonlyArray<FacilityState>,
  condition: (zone: TimeZone) => Statement.Fragment | undefined
): Statement.Fragment => {
  const zones = [...new Set(facilities.map((facility) => facility.timeZone))]
  return Statement.or(
    zones.map((zone) => {
      const ids = facilities.filter((facility) => facility.timeZone === zone).map((facility) => facility.id)
      return allOf([sql.in("r.facility_id", ids), condition(zone)])
    })
  )
}
