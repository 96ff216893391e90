/**
 * What lets the engine remember what it has read, as a migration: a version on each reservation, one of all calendars, and
 * the number of a facility's reservations. Triggers keep them, so that no statement that changes a row can forget to, and a
 * version is undone with the change that made it. The indexes of listings hold all that a page is chosen by.
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import { clusteredTableOptions, columnTypes, randomVersion, trigger } from "../database/Dialect.ts"

const calendarTables = ["calendar", "service", "opening_interval", "interval_service"]

export const fast = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { integer, tableOptions } = columnTypes(sql)
  const run = (statement: string) => sql.unsafe(statement)

  yield* run(`ALTER TABLE reservation ADD COLUMN version ${integer} NOT NULL DEFAULT 0`)
  // Its own change of the version runs no trigger: neither database runs one for columns that are not named.
  yield* trigger(sql, {
    name: "reservation_version",
    when: `AFTER UPDATE OF facility_id, calendar_id, service_id, channel_id, number, name, surname, email, phone, locale, note,
      status, from_ms, to_ms, created_ms, cancel_ms, cancellation_reason, changed_ms ON reservation`,
    run: "UPDATE reservation SET version = version + 1 WHERE id = NEW.id"
  })
  // Listed times are in the facility's zone.
  yield* trigger(sql, {
    name: "facility_zone",
    when: "AFTER UPDATE OF time_zone ON facility",
    run: "UPDATE reservation SET version = version + 1 WHERE facility_id = NEW.id"
  })
  yield* run("DROP INDEX reservation_changed")
  yield* run("CREATE INDEX reservation_changed ON reservation (facility_id, changed_ms, id, version)")
  yield* run("DROP INDEX reservation_from")
  yield* run("CREATE INDEX reservation_from ON reservation (facility_id, from_ms, changed_ms, id, version)")

  yield* run(
    `CREATE TABLE reservation_total (facility_id ${integer} PRIMARY KEY, total ${integer} NOT NULL)${tableOptions}`
  )
  yield* run("INSERT INTO reservation_total SELECT facility_id, COUNT(*) FROM reservation GROUP BY facility_id")
  yield* trigger(sql, {
    name: "reservation_added",
    when: "AFTER INSERT ON reservation",
    run: `INSERT INTO reservation_total (facility_id, total) VALUES (NEW.facility_id, 1)
      ON CONFLICT (facility_id) DO UPDATE SET total = reservation_total.total + 1`
  })
  yield* trigger(sql, {
    name: "reservation_removed",
    when: "AFTER DELETE ON reservation",
    run: "UPDATE reservation_total SET total = total - 1 WHERE facility_id = OLD.facility_id"
  })

  // Drawn at random, so that a version which was undone is not given to another state.
  yield* run(`CREATE TABLE calendars_version (version ${integer} NOT NULL)${tableOptions}`)
  yield* run(`INSERT INTO calendars_version VALUES (${randomVersion(sql)})`)
  for (const table of calendarTables) {
    for (const change of ["INSERT", "UPDATE", "DELETE"]) {
      yield* trigger(sql, {
        name: `${table}_${change.toLowerCase()}`,
        when: `AFTER ${change} ON ${table}`,
        run: `UPDATE calendars_version SET version = ${randomVersion(sql)}`
      })
    }
  }

  // The view of a channel, found in one step by its key.
  yield* run(
    `CREATE TABLE reservation_view (
    reservation_id ${integer} NOT NULL REFERENCES reservation(id),
    channel_id ${integer} NOT NULL REFERENCES channel(id),
    facility_id ${integer} NOT NULL,
    external_id ${integer},
    needs_sync ${integer} NOT NULL,
    cancelled ${integer} NOT NULL,
    PRIMARY KEY (reservation_id, channel_id))${clusteredTableOptions(sql)}`
  )
  yield* run(`INSERT INTO reservation_view
    SELECT reservation_id, channel_id, facility_id, external_id, needs_sync, cancelled FROM reservation_channel
    ORDER BY reservation_id, channel_id`)
  yield* run("DROP TABLE reservation_channel")
  yield* run("ALTER TABLE reservation_view RENAME TO reservation_channel")
  yield* run(
    `CREATE UNIQUE INDEX reservation_external ON reservation_channel (facility_id, channel_id, external_id)
    WHERE cancelled = 0 AND external_id IS NOT NULL`
  )
  yield* run(
    `CREATE INDEX reservation_external_cancelled ON reservation_channel (facility_id, channel_id, external_id)
    WHERE cancelled = 1 AND external_id IS NOT NULL`
  )
})
