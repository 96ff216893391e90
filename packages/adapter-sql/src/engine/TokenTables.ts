/**
 * What lets the engine remember tokens, as a migration: one version of all that a caller is known by, its token and its
 * channel's facilities. Triggers keep it, so that no statement that changes them can forget to.
 */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import { columnTypes, randomVersion, trigger } from "../database/Dialect.ts"

export const tokens = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  const { integer, tableOptions } = columnTypes(sql)

  // Drawn at random, so that a version which was undone is not given to another state.
  yield* sql.unsafe(`CREATE TABLE tokens_version (version ${integer} NOT NULL)${tableOptions}`)
  yield* sql.unsafe(`INSERT INTO tokens_version VALUES (${randomVersion(sql)})`)
  for (const table of ["token", "channel_facility"]) {
    // An INSERT OR REPLACE of SQLite is seen as an insertion only.
    for (const change of ["INSERT", "UPDATE", "DELETE"]) {
      yield* trigger(sql, {
        name: `${table}_${change.toLowerCase()}`,
        when: `AFTER ${change} ON ${table}`,
        run: `UPDATE tokens_version SET version = ${randomVersion(sql)}`
      })
    }
  }
})
