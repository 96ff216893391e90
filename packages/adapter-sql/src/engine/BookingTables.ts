/**
 * Less for a booking to read and to write, as a migration: what is kept of a facility as its reservations come lies in the
 * facility's own row, and one statement moves it. The indexes are those that a statement asks for. A calendar knows how far
 * before a term those begin that overlap it.
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import { columnTypes, dropTrigger, trigger } from "../database/Dialect.ts"

// What is longer than a day is found by its end (`Occupied.ts`).
const reach = (row: string) =>
  `CASE WHEN ${row}.to_ms - ${row}.from_ms > 86400000 THEN 86400000 ELSE ${row}.to_ms - ${row}.from_ms END`

export const booking = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { integer } = columnTypes(sql)
  const run = (statement: string) => sql.unsafe(statement)

  // Who has the same service and start is among those that overlap the term.
  yield* run("DROP INDEX reservation_same_start")

  for (const name of ["reservation_added", "reservation_removed"]) yield* dropTrigger(sql, name, "reservation")
  yield* run(`ALTER TABLE facility ADD COLUMN reservations ${integer} NOT NULL DEFAULT 0`)
  yield* run(`UPDATE facility SET reservations =
    COALESCE((SELECT total FROM reservation_total WHERE facility_id = facility.id), 0)`)
  yield* run("DROP TABLE reservation_total")
  yield* run("CREATE VIEW reservation_total AS SELECT id AS facility_id, reservations AS total FROM facility")
  // With the greatest change instant, which a new reservation moves as well.
  yield* trigger(sql, {
    name: "reservation_added",
    when: "AFTER INSERT ON reservation",
    run: `UPDATE facility SET reservations = reservations + 1,
      last_change_ms = CASE WHEN last_change_ms < NEW.changed_ms THEN NEW.changed_ms ELSE last_change_ms END
      WHERE id = NEW.facility_id`
  })
  yield* trigger(sql, {
    name: "reservation_removed",
    when: "AFTER DELETE ON reservation",
    run: "UPDATE facility SET reservations = reservations - 1 WHERE id = OLD.facility_id"
  })

  // The length of the longest reservation so far, of a day at most. It never shrinks.
  yield* run(`ALTER TABLE calendar ADD COLUMN reach_ms ${integer} NOT NULL DEFAULT 0`)
  yield* run(`UPDATE calendar SET reach_ms = longest.reach_ms
    FROM (SELECT calendar_id, MAX(${reach("r")}) AS reach_ms FROM reservation r GROUP BY calendar_id) AS longest
    WHERE longest.calendar_id = calendar.id`)
  for (const [name, change] of [
    ["reservation_reach", "INSERT"],
    ["reservation_reach_change", "UPDATE OF calendar_id, from_ms, to_ms"]
  ] as const) {
    yield* trigger(sql, {
      name,
      when: `AFTER ${change} ON reservation`,
      run: `UPDATE calendar SET reach_ms = ${reach("NEW")} WHERE id = NEW.calendar_id AND reach_ms < ${reach("NEW")}`
    })
  }
})
