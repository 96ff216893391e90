/**
 * Effect's `SqlClient` on the SQLite that Node contains (`node:sqlite`), while no published driver loads on this version
 * of Effect. One client is one connection, which its statements and transactions take in turn. Statements are
 * synchronous: one that runs for long, or waits for another process' lock, stops the event loop for that time.
 */
import type { DatabaseSync } from "node:sqlite"
import * as Arr from "effect/Array"
import * as Cause from "effect/Cause"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Reactivity from "effect/reactivity/Reactivity"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import * as SqlClient from "effect/sql/SqlClient"
import type { Connection, Row } from "effect/sql/SqlConnection"
import type { SqlError } from "effect/sql/SqlError"
import * as Statement from "effect/sql/Statement"
import { copyFile, publish } from "./internal/backup.ts"
import { lockTimeout, refusal, toSqlError } from "./internal/errors.ts"
import { open } from "./internal/open.ts"
import * as Prepared from "./internal/Prepared.ts"
import * as StatementCache from "./internal/StatementCache.ts"

export { resultCode } from "./internal/errors.ts"

/** How a database is opened. */
export interface SqliteClientConfig {
  /** The path of the file, which is made if it is absent, or ":memory:". */
  readonly filename: string
  /** Whether writes are refused; the file must exist then. Default false. */
  readonly readonly?: boolean | undefined
  /** How long a statement waits for another connection's lock, in milliseconds; the event loop stands still. Default 100. */
  readonly busyTimeoutMs?: number | undefined
  /**
   * FULL (default): a committed transaction survives a loss of power. NORMAL: the last ones may be lost then, not in a
   * crash of the process. OFF: a loss of power may corrupt the file.
   */
  readonly synchronous?: "FULL" | "NORMAL" | "OFF" | undefined
  /** The page cache, in KiB. Default: SQLite's, about 2000. */
  readonly cacheKiB?: number | undefined
  /** How many prepared statements are kept, at most; below 2 none is. Default 200. */
  readonly prepareCacheSize?: number | undefined
  /** Attributes of each statement's span, besides `db.system.name`. */
  readonly spanAttributes?: Record<string, unknown> | undefined
  /** Renames the identifiers of statements, such as camelCase to snake_case. */
  readonly transformQueryNames?: ((name: string) => string) | undefined
  /** Renames the columns of rows, such as snake_case to camelCase. */
  readonly transformResultNames?: ((name: string) => string) | undefined
}

/** A `SqlClient` on one SQLite database. */
export interface SqliteClient extends SqlClient.SqlClient {
  readonly config: SqliteClientConfig
  /**
   * Writes a copy of the committed state as of one moment to the path `destination`, while the client stays in use (an
   * in-memory database waits). The destination is a whole copy or absent; fails if it exists or cannot be written.
   */
  readonly backup: (destination: string) => Effect.Effect<void, SqlError>
  /**
   * Moves the write-ahead log into the database file and empties it. Fails with a retryable `LockTimeoutError` while
   * another connection reads an older state, and inside a transaction.
   */
  readonly checkpoint: Effect.Effect<void, SqlError>
  /**
   * A number that differs once another connection, of this process or another one, has committed. It does not tell of this
   * connection's own commits.
   */
  readonly dataVersion: Effect.Effect<number, SqlError>
  /** The same number at once, and `undefined` where it has to be waited for, or cannot be read. */
  readonly dataVersionNow: () => number | undefined
  /** SQLite has no such statement. */
  readonly updateValues: never
}

/** The SQLite client as a service. */
export const SqliteClient = Context.Service<SqliteClient>("@bookio-kit/sqlite-client/SqliteClient")

/**
 * Opens the database and closes it with the scope. Write transactions start by BEGIN IMMEDIATE, so that processes queue
 * for the lock at the start instead of failing in the middle. Fails with `ConnectionError` for a file that cannot be
 * opened, `LockTimeoutError` for one that others keep locked, `UnknownError` for one that is no database or is damaged.
 */
export const make = Effect.fnUntraced(function* (
  config: SqliteClientConfig
): Effect.fn.Return<SqliteClient, SqlError, Scope.Scope | Reactivity.Reactivity> {
  const db = yield* Effect.acquireRelease(open(config), (db) => Effect.sync(() => db.close()))
  const { lease, isTransaction } = makeConnection(db, config.prepareCacheSize ?? 200)
  const client = yield* SqlClient.make({
    ...SqlClient.makeSqliteAcquirers({ connection: lease, semaphore: Semaphore.makeUnsafe(1), isTransaction }),
    compiler: Statement.makeCompilerSqlite(config.transformQueryNames),
    driver: "sqlite-node",
    spanAttributes: [["db.system.name", "sqlite"], ...Object.entries(config.spanAttributes ?? {})],
    transformRows:
      config.transformResultNames === undefined
        ? undefined
        : Statement.defaultTransforms(config.transformResultNames).array,
    beginTransaction: config.readonly === true ? "BEGIN" : "BEGIN IMMEDIATE",
    prepareTransactionControls: true,
    releaseSavepoint: (name) => `RELEASE SAVEPOINT ${name}`
  })
  const location = db.location()
  const { statement: version } = Prepared.prepare(db, "PRAGMA data_version")
  version.setReturnArrays(true)
  // Node's types do not follow setReturnArrays.
  const readVersion = () => (version.get() as unknown as readonly [number])[0]
  const versionNow = Effect.try({ try: readVersion, catch: (thrown) => toSqlError(thrown, "execute") })
  const versionInTurn = Effect.map(client`PRAGMA data_version`.values, ([row]) => Number(row?.[0]))
  return Object.assign(client as SqliteClient, {
    config,
    backup: (destination: string) =>
      publish(destination, (partial) =>
        location === null ? client`VACUUM INTO ${partial}`.unprepared : copyFile(location, partial)
      ),
    // Asked very often, and needs no turn unless a transaction is open, which sees the state of its beginning.
    dataVersion: Effect.suspend(() => (db.isOpen && !db.isTransaction ? versionNow : versionInTurn)),
    dataVersionNow: () => {
      if (!db.isOpen || db.isTransaction) return undefined
      try {
        return readVersion()
      } catch {
        return undefined
      }
    },
    checkpoint: Effect.flatMap(client`PRAGMA wal_checkpoint(TRUNCATE)`.values, ([result]) =>
      result?.[0] === 0
        ? Effect.void
        : Effect.fail(lockTimeout("checkpoint", "another connection still reads the write-ahead log"))
    )
  })
})

/** Provides the client under its own name and as Effect's `SqlClient`, with a `Reactivity` of its own. */
export const layer = (config: SqliteClientConfig): Layer.Layer<SqliteClient | SqlClient.SqlClient, SqlError> =>
  Layer.effectContext(
    Effect.map(make(config), (client) =>
      Context.make(SqliteClient, client).pipe(Context.add(SqlClient.SqlClient, client))
    )
  ).pipe(Layer.provide(Reactivity.layer))

const STREAM_CHUNK = 128

const makeConnection = (db: DatabaseSync, prepareCacheSize: number) => {
  const prepare = (sql: string) => Prepared.prepare(db, sql)
  const cached = StatementCache.make(prepareCacheSize, prepare)

  // Whether the holder's last statement left a transaction open. SQLite ends a transaction by itself after some errors,
  // a full disk among them; whoever caught such an error would write the rest without a transaction.
  let inTransaction = false

  const run = <A>(f: (bigints: boolean) => A): Effect.Effect<A, SqlError> =>
    Effect.withFiber((fiber) => {
      try {
        if (inTransaction && !db.isTransaction) {
          throw refusal("execute", "SQLite has rolled the transaction back after an earlier error")
        }
        const result = f(fiber.getRef(SqlClient.SafeIntegers))
        inTransaction = db.isTransaction
        return Effect.succeed(result)
      } catch (thrown) {
        return Effect.fail(toSqlError(thrown, "execute"))
      }
    })

  const connection: Connection = {
    execute(sql, params, transformRows) {
      const rows = run((bigints) => Prepared.rows(cached(sql), params, bigints))
      return transformRows === undefined ? rows : Effect.map(rows, transformRows)
    },
    executeRaw: (sql, params) => run((bigints) => Prepared.raw(cached(sql), params, bigints)),
    executeValues: (sql, params) => run((bigints) => Prepared.values(cached(sql), params, bigints)),
    executeValuesUnprepared: (sql, params) => run((bigints) => Prepared.values(prepare(sql), params, bigints)),
    executeUnprepared(sql, params, transformRows) {
      const rows = run((bigints) => Prepared.rows(prepare(sql), params, bigints))
      return transformRows === undefined ? rows : Effect.map(rows, transformRows)
    },
    executeStream(sql, params, transformRows) {
      // A statement of its own: the same text run while the stream is open would end a shared one.
      const rows = Effect.acquireRelease(
        run((bigints) => Prepared.iterate(prepare(sql), params, bigints)),
        (rows) => Effect.sync(() => rows.return?.())
      )
      return Stream.unwrap(Effect.map(rows, (rows) => Stream.fromPull(Effect.succeed(pull(rows, transformRows)))))
    }
  }

  return {
    lease: Effect.sync(() => {
      inTransaction = false
      return connection
    }),
    isTransaction: () => db.isOpen && db.isTransaction
  }
}

const pull = (
  rows: Iterator<Row>,
  transformRows: (<A extends object>(rows: ReadonlyArray<A>) => ReadonlyArray<A>) | undefined
) =>
  Effect.suspend((): Effect.Effect<Arr.NonEmptyReadonlyArray<Row>, SqlError | Cause.Done> => {
    let chunk: ReadonlyArray<Row>
    try {
      chunk = take(rows, STREAM_CHUNK)
    } catch (thrown) {
      return Effect.fail(toSqlError(thrown, "execute"))
    }
    if (transformRows !== undefined) chunk = transformRows(chunk)
    return Arr.isReadonlyArrayNonEmpty(chunk) ? Effect.succeed(chunk) : Cause.done()
  })

const take = (rows: Iterator<Row>, most: number): ReadonlyArray<Row> => {
  const taken: Array<Row> = []
  while (taken.length < most) {
    const next = rows.next()
    if (next.done === true) break
    taken.push(next.value)
  }
  return taken
}
