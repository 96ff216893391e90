/**
 * One prepared statement of node:sqlite and the checks that SQLite leaves out: it would bind NULL to a parameter that is
 * missing, ignore a second statement in the same text, and store every number as a float. It assumes that the caller is
 * alone on the connection. Everything here is synchronous and throws, `SqlError` for its own refusals.
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite"
import type { Row } from "effect/sql/SqlConnection"
import { refusal, toSqlError } from "./errors.ts"

/** A statement that SQLite has compiled; after a change of the schema SQLite compiles it again by itself. */
export interface Prepared {
  readonly statement: StatementSync
  /** The number of parameters; undefined where the text numbers or names them. */
  readonly parameters: number | undefined
}

/** What a statement without result columns reports; a row id beyond 2^53 - 1 is a bigint. */
export interface Changes {
  readonly changes: number
  readonly lastInsertRowid: number | bigint
}

/** Compiles one statement; throws `SqlSyntaxError` for what SQLite does not understand and for more than one statement. */
export const prepare = (db: DatabaseSync, sql: string): Prepared => {
  try {
    const statement = db.prepare(sql)
    const length = statement.sourceSQL.length
    if (length < sql.length && holdsStatement(db, sql.slice(length))) {
      throw refusal("prepare", "the text holds more than one statement; SQLite would run only the first")
    }
    return { statement, parameters: countParameters(sql) }
  } catch (thrown) {
    throw toSqlError(thrown, "prepare")
  }
}

/** Runs a statement to its end and gives its rows as objects; integers are bigint where `bigints` says so. */
export const rows = (prepared: Prepared, params: ReadonlyArray<unknown>, bigints: boolean): ReadonlyArray<Row> => {
  const { statement } = prepared
  statement.setReadBigInts(bigints)
  statement.setReturnArrays(false)
  return statement.all(...bind(prepared, params))
}

/** Runs a statement to its end and gives its rows as arrays in the order of the columns. */
export const values = (
  prepared: Prepared,
  params: ReadonlyArray<unknown>,
  bigints: boolean
): ReadonlyArray<ReadonlyArray<unknown>> => {
  const { statement } = prepared
  statement.setReadBigInts(bigints)
  statement.setReturnArrays(true)
  // Node's types do not follow setReturnArrays.
  return statement.all(...bind(prepared, params)) as unknown as ReadonlyArray<ReadonlyArray<unknown>>
}

/** Runs a statement to its end and gives its rows, or its changes where it has no result columns. */
export const raw = (
  prepared: Prepared,
  params: ReadonlyArray<unknown>,
  bigints: boolean
): ReadonlyArray<Row> | Changes => {
  const { statement } = prepared
  if (statement.columns().length > 0) return rows(prepared, params, bigints)
  // As a number, a row id that is too large would be rounded without a word.
  statement.setReadBigInts(true)
  const { changes, lastInsertRowid } = statement.run(...bind(prepared, params))
  const id = Number(lastInsertRowid)
  return { changes: Number(changes), lastInsertRowid: Number.isSafeInteger(id) ? id : lastInsertRowid }
}

/** Starts a statement and gives its rows one by one; `return` on the iterator ends it early. */
export const iterate = (prepared: Prepared, params: ReadonlyArray<unknown>, bigints: boolean): Iterator<Row> => {
  prepared.statement.setReadBigInts(bigints)
  return prepared.statement.iterate(...bind(prepared, params))
}

const bind = ({ parameters }: Prepared, params: ReadonlyArray<unknown>): Array<SQLInputValue> => {
  const count = params.length
  if (parameters !== undefined && parameters !== count) {
    throw refusal("bind", `the statement takes ${parameters} parameters and was given ${count}`)
  }
  const bound = new Array<SQLInputValue>(count)
  for (let i = 0; i < count; i++) bound[i] = toInput(params[i], i, count)
  return bound
}

const toInput = (value: unknown, index: number, count: number): SQLInputValue => {
  switch (typeof value) {
    case "string":
      return value
    case "number":
      // Node binds every number as a float, which a TEXT column would keep as "5.0" and `? / 2` would not round.
      if (Number.isSafeInteger(value)) return BigInt(value)
      if (Number.isNaN(value)) throw unusable(index, count, "NaN, which SQLite would store as NULL")
      return value
    case "boolean":
      return value ? 1n : 0n
    case "bigint":
      if (BigInt.asIntN(64, value) !== value) throw unusable(index, count, "a bigint of more than 64 bits")
      return value
    case "object":
      if (value === null || value instanceof Uint8Array) return value
  }
  const kind = value === undefined ? "undefined; pass null for NULL" : `of type ${kindOf(value)}`
  throw unusable(index, count, kind)
}

const unusable = (index: number, count: number, what: string) =>
  refusal("bind", `parameter ${index + 1} of ${count} is ${what}`)

const kindOf = (value: unknown): string =>
  typeof value === "object" && value !== null ? (value.constructor?.name ?? "object") : typeof value

const holdsStatement = (db: DatabaseSync, text: string): boolean => {
  try {
    db.prepare(text)
    return true
  } catch (thrown) {
    // Only blanks and comments are no statement; one that does not compile is one all the same.
    return !(thrown instanceof TypeError)
  }
}

const quotedOrComment = /'[^']*'|"[^"]*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g

const countParameters = (sql: string): number | undefined => {
  const bare = sql.replace(quotedOrComment, " ")
  return /\?\d|[:@$]\w/.test(bare) ? undefined : bare.split("?").length - 1
}
