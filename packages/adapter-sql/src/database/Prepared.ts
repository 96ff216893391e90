/**
 * Statements whose text is fixed, for what every write runs. Within a transaction that is open around them they go to its
 * connection at once: nothing is put together, and no turn is waited for. A tracer that keeps spans sees each of them as any
 * other statement; without one there is none to be made, which is most of what a small statement costs.
 */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"
import type { Connection } from "effect/sql/SqlConnection"
import type { SqlError } from "effect/sql/SqlError"
import * as Tracer from "effect/Tracer"
import { numbered } from "./Dialect.ts"

/** What a statement takes for each of its "?". */
export type Value = string | number | null | Uint8Array

/**
 * Makes a statement, with a "?" for each value that it takes; texts in it hold no "?". Its text may depend on the client's
 * dialect, and on nothing else. Columns of rows are named as the database names them.
 */
export const prepared = <Row extends object>(text: string | ((sql: SqlClient.SqlClient) => string)) => {
  const texts = new WeakMap<SqlClient.SqlClient, string>()
  const textFor = (sql: SqlClient.SqlClient): string => {
    const known = texts.get(sql)
    if (known !== undefined) return known
    const made = numbered(sql, typeof text === "string" ? text : text(sql))
    texts.set(sql, made)
    return made
  }
  return (...values: ReadonlyArray<Value>): Effect.Effect<ReadonlyArray<Row>, SqlError, SqlClient.SqlClient> =>
    run(
      (sql) => sql.unsafe<Row>(textFor(sql), values),
      // The rows are what the statement's author says of it, as with any statement.
      (open, sql) => open.execute(textFor(sql), values, undefined) as Effect.Effect<ReadonlyArray<Row>, SqlError>
    )
}

/**
 * Runs a statement of a text that is put together of few pieces, with a "?" for each value; its rows as arrays, in the order of
 * the columns.
 */
export const valuesOf = (text: string, ...values: ReadonlyArray<Value>) =>
  run<ReadonlyArray<ReadonlyArray<unknown>>>(
    (sql) => sql.unsafe(numbered(sql, text), values).values,
    (open, sql) => open.executeValues(numbered(sql, text), values)
  )

// Within an open transaction on its connection, unless a tracer wants to see it.
const run = <A>(
  onClient: (sql: SqlClient.SqlClient) => Effect.Effect<A, SqlError>,
  onConnection: (open: Connection, sql: SqlClient.SqlClient) => Effect.Effect<A, SqlError>
): Effect.Effect<A, SqlError, SqlClient.SqlClient> =>
  Effect.withFiber((fiber) => {
    const sql = Context.getUnsafe(fiber.context, SqlClient.SqlClient)
    const open = Context.getOrUndefined(fiber.context, sql.transactionService)
    return open === undefined || fiber.getRef(Tracer.Tracer) !== Tracer.nativeTracer
      ? onClient(sql)
      : onConnection(open[0], sql)
  })
