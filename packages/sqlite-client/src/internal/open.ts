/**
 * Opens a database file and puts it into the state that the client promises: write-ahead log, foreign keys, durability,
 * cache. It assumes a local file system, which the write-ahead log needs.
 */
import { DatabaseSync } from "node:sqlite"
import * as Effect from "effect/Effect"
import * as Schedule from "effect/Schedule"
import type { SqlError } from "effect/sql/SqlError"
import type { SqliteClientConfig } from "../SqliteClient.ts"
import { refusal, toSqlError } from "./errors.ts"

/** The wait for another process' lock where the configuration does not say, in milliseconds. */
export const DEFAULT_BUSY_TIMEOUT_MS = 100

const RETRY_MS = 10

/**
 * Opens the database of a configuration. Two processes that open a new file at the same moment can meet in the switch to
 * the write-ahead log, for which SQLite does not wait: it is tried again for as long as the busy timeout.
 */
export const open = (config: SqliteClientConfig): Effect.Effect<DatabaseSync, SqlError> =>
  Effect.try({
    try: () => openNow(config),
    catch: (thrown) => toSqlError(thrown, "open", `cannot open "${config.filename}"`)
  }).pipe(
    Effect.retry({
      while: (error) => error.reason._tag === "LockTimeoutError",
      schedule: Schedule.spaced(RETRY_MS),
      times: Math.ceil((config.busyTimeoutMs ?? DEFAULT_BUSY_TIMEOUT_MS) / RETRY_MS)
    })
  )

const openNow = (config: SqliteClientConfig): DatabaseSync => {
  const readOnly = config.readonly ?? false
  const timeout = wholeNumber("busyTimeoutMs", config.busyTimeoutMs ?? DEFAULT_BUSY_TIMEOUT_MS, 0)
  wholeNumber("prepareCacheSize", config.prepareCacheSize ?? 0, 0)
  const db = new DatabaseSync(config.filename, { readOnly, timeout, enableForeignKeyConstraints: true })
  try {
    const keepsJournal = readOnly || db.location() === null
    if (!keepsJournal && db.prepare("PRAGMA journal_mode = WAL").get()?.journal_mode !== "wal") {
      throw refusal("open", `"${config.filename}" cannot have a write-ahead log; is it on a network file system?`)
    }
    // SQLite opens lazily: this reads the file, and finds one that is no database now and not at the first query.
    db.exec(`PRAGMA synchronous = ${config.synchronous ?? "FULL"}`)
    db.exec("PRAGMA temp_store = MEMORY")
    if (config.cacheKiB !== undefined) db.exec(`PRAGMA cache_size = -${wholeNumber("cacheKiB", config.cacheKiB, 1)}`)
    return db
  } catch (thrown) {
    db.close()
    throw thrown
  }
}

const wholeNumber = (name: string, value: number, least: number): number => {
  if (Number.isSafeInteger(value) && value >= least && value < 2 ** 31) return value
  throw refusal("open", `${name} must be a whole number from ${least} to 2^31 - 1`)
}
