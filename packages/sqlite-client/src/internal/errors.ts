/**
 * What node:sqlite throws, as `SqlError`: the one place that knows SQLite's result codes. It assumes that a message may
 * be logged or shown, so text that can carry the value of a parameter or of a row is replaced by SQLite's general text
 * for the code, in the message and in the cause.
 */
import * as Predicate from "effect/Predicate"
import {
  AuthorizationError,
  ConnectionError,
  ConstraintError,
  isSqlError,
  LockTimeoutError,
  SerializationError,
  SqlError,
  type SqlErrorReason,
  SqlSyntaxError,
  UniqueViolation,
  UnknownError
} from "effect/sql/SqlError"

/** The step that failed; it becomes the `operation` of the reason. */
export type Operation = "open" | "prepare" | "bind" | "execute" | "backup" | "checkpoint"

/** Makes the error of a refusal that is ours and not SQLite's; `message` must hold no value of a parameter. */
export const refusal = (operation: Operation, message: string): SqlError =>
  new SqlError({ reason: new UnknownError({ cause: new Error(message), message, operation }) })

/** Makes the retryable error of a lock that others still hold. */
export const lockTimeout = (operation: Operation, message: string): SqlError =>
  new SqlError({ reason: new LockTimeoutError({ cause: new Error(message), message, operation }) })

/**
 * Translates what node:sqlite, or one of our own checks, throws; anything else is a bug and is thrown again, to be a
 * defect. `subject` opens the message and names no value of a parameter, such as the file that cannot be opened.
 */
export const toSqlError = (thrown: unknown, operation: Operation, subject?: string): SqlError => {
  if (isSqlError(thrown)) return thrown
  const prefix = subject === undefined ? "" : `${subject}: `
  const code = errcode(thrown)
  if (code !== undefined) {
    const native = thrown as NativeError
    const told = operation === "execute" && !schemaOnly.has(code) ? native.errstr : native.message
    const message = `${prefix}${told} (${names.get(code & 0xff) ?? "SQLite result code"}, ${code})`
    const cause =
      told === native.message ? native : Object.assign(new Error(told), { code: native.code, errcode: code })
    return new SqlError({ reason: reasonOf(code, { cause, message, operation }) })
  }
  const native = Predicate.hasProperty(thrown, "code") && thrown instanceof Error ? thrown : undefined
  if (native?.code === "ERR_OUT_OF_RANGE") return refusal(operation, prefix + OVERFLOW)
  if (native !== undefined && (operation !== "execute" || native.code === "ERR_INVALID_STATE")) {
    const fields = { cause: native, message: prefix + native.message, operation }
    const isText = operation === "prepare" && native.code === "ERR_INVALID_ARG_VALUE"
    return new SqlError({ reason: isText ? new SqlSyntaxError(fields) : new UnknownError(fields) })
  }
  throw thrown
}

/**
 * Gives SQLite's extended result code (https://sqlite.org/rescode.html) of an error, such as 13 for a full disk, or
 * undefined for one that SQLite did not raise.
 */
export const resultCode = (error: SqlError): number | undefined => errcode(error.reason.cause)

const OVERFLOW =
  "an integer in the result is outside -(2^53 - 1) to 2^53 - 1; provide SqlClient.SafeIntegers to read bigint"

interface NativeError extends Error {
  readonly code: string
  readonly errcode: number
  readonly errstr: string
}

const errcode = (u: unknown): number | undefined =>
  Predicate.hasProperty(u, "errcode") && typeof u.errcode === "number" ? u.errcode : undefined

const UNIQUE = 2067
const PRIMARY_KEY = 1555
const ROWID = 2579

// Constraints whose message names columns, types and constraints, never values: foreign key, not null, check, and the
// column types of a STRICT table. A trigger's RAISE is not among them, since its text may be an expression over a row.
const schemaOnly: ReadonlySet<number> = new Set([UNIQUE, PRIMARY_KEY, ROWID, 787, 1299, 275, 3091])

// The low byte of a code is its primary code.
const names: ReadonlyMap<number, string> = new Map([
  [1, "SQLITE_ERROR"],
  [3, "SQLITE_PERM"],
  [4, "SQLITE_ABORT"],
  [5, "SQLITE_BUSY"],
  [6, "SQLITE_LOCKED"],
  [7, "SQLITE_NOMEM"],
  [8, "SQLITE_READONLY"],
  [10, "SQLITE_IOERR"],
  [11, "SQLITE_CORRUPT"],
  [13, "SQLITE_FULL"],
  [14, "SQLITE_CANTOPEN"],
  [15, "SQLITE_PROTOCOL"],
  [17, "SQLITE_SCHEMA"],
  [18, "SQLITE_TOOBIG"],
  [19, "SQLITE_CONSTRAINT"],
  [20, "SQLITE_MISMATCH"],
  [23, "SQLITE_AUTH"],
  [26, "SQLITE_NOTADB"]
])

const BUSY_SNAPSHOT = 517

const reasonOf = (
  code: number,
  fields: { readonly cause: Error; readonly message: string; readonly operation: Operation }
): SqlErrorReason => {
  if (code === UNIQUE || code === PRIMARY_KEY || code === ROWID) {
    return new UniqueViolation({ ...fields, constraint: constraintOf(fields.cause.message) })
  }
  // Waiting cannot help a reader whose snapshot is old: the whole transaction has to run again.
  if (code === BUSY_SNAPSHOT) return new SerializationError(fields)
  switch (code & 0xff) {
    case 1:
      return fields.operation === "prepare" ? new SqlSyntaxError(fields) : new UnknownError(fields)
    case 3:
    case 8:
    case 23:
      return new AuthorizationError(fields)
    case 5:
    case 6:
    case 15:
      return new LockTimeoutError(fields)
    case 14:
      return new ConnectionError(fields)
    case 19:
    case 20:
      return new ConstraintError(fields)
    default:
      return new UnknownError(fields)
  }
}

const constraintOf = (message: string): string => {
  const columns = /^UNIQUE constraint failed: (.+)$/.exec(message)?.[1]
  return columns ?? "unknown"
}
