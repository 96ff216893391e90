/** The database's failures as those of the journal; causes stay for the log of this process and hold no value of a row. */
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { JournalError } from "@bookio-kit/core/sync/Journal"
import { resultCode } from "@bookio-kit/sqlite-client/SqliteClient"
import * as Effect from "effect/Effect"
import { isSqlError } from "effect/sql/SqlError"

/** SQLITE_FULL, https://sqlite.org/rescode.html#full */
const full = 13

const reasonOf = ({ cause, reason }: BackendError): JournalError["reason"] => {
  if (isSqlError(cause) && resultCode(cause) === full) return "Full"
  // Nothing was done: another process held the lock, or more writes waited than may.
  return reason === "Overloaded" ? "Locked" : "Internal"
}

/** Tells the database's failures as the journal's. */
export const hideBackendErrors = <A, E, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, Exclude<E, BackendError> | JournalError, R> =>
  Effect.mapError(effect, (error) =>
    error instanceof BackendError
      ? new JournalError({ reason: reasonOf(error), cause: error })
      : (error as Exclude<E, BackendError>)
  )

/** The error of a row that cannot be read or stored. It names the table and the id, and nothing of the row. */
export const badRow = (table: string, id: number): JournalError =>
  new JournalError({
    reason: "Internal",
    cause: new Error(`${table} ${id} is not what this version of the journal knows`)
  })
