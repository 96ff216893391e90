/** Why a database cannot be used, for whoever started the process. */
import type { MigrationError } from "effect/sql/Migrator"
import { isSqlError, type SqlError } from "effect/sql/SqlError"

/** The reason in one line. At the start these texts hold SQLite's own words and the names of our tables, never a row. */
export const reasonOf = (error: SqlError | MigrationError): string =>
  !isSqlError(error) && isSqlError(error.cause) ? `${error.message}, ${error.cause.message}` : error.message
