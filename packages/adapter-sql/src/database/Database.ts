/**
 * The engine's database: reads see one committed state each, writes queue for one writer that commits them in groups. A
 * write's answer is sent only after the commit that holds it, so an acknowledged write survives a crash of the machine.
 *
 * Groups: whatever waits when the writer is free goes into one transaction, each write in a savepoint of its own, so that
 * one that is refused undoes nothing of the others, and one flush of the disk serves all.
 */
import { BackendError } from "@bookio-kit/core/error/BackendError"
import * as SqliteClient from "@bookio-kit/sqlite-client/SqliteClient"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Queue from "effect/Queue"
import * as Reactivity from "effect/reactivity/Reactivity"
import * as Schedule from "effect/Schedule"
import type * as Scope from "effect/Scope"
import type * as Migrator from "effect/sql/Migrator"
import * as SqlClient from "effect/sql/SqlClient"
import { isSqlError, type SqlError } from "effect/sql/SqlError"
import * as Engine from "../engine/Tables.ts"
import * as Metrics from "./Metrics.ts"
import { migrate, type Tables } from "./Migrations.ts"
import { prepared } from "./Prepared.ts"

/** The most writes in one transaction: bounds how long the first of them waits for the last. */
const groupSize = 128

/** The most writes that wait; one more is refused as `Overloaded`, before any work. */
const queueSize = 4096

/** The pages that a connection holds, at most, in KiB: those that bookings and lists of a large file come back to. */
const cacheKiB = 16 * 1024

/** A write transaction is bounded to this, checked before the commit (engine.md, rule 10). */
const writeBoundMs = 5000

export interface DatabaseOptions {
  /** The path of a SQLite file, whose folder exists, or ":memory:". */
  readonly filename: string
  /** Those of the engine where left out. */
  readonly tables?: Tables
}

export class Database extends Context.Service<
  Database,
  {
    /** Runs statements against one committed state. @errors `BackendError` when the database fails. */
    readonly read: <A, E>(
      effect: Effect.Effect<A, E | SqlError, SqlClient.SqlClient>
    ) => Effect.Effect<A, Exclude<E, SqlError> | BackendError>
    /**
     * Runs statements as one all-or-nothing step, alone, and answers after they are on disk. The effect may be run again
     * when another process held the lock, so it must do nothing but SQL. A write within a write is a step of the outer one:
     * it can be refused by itself, and is on disk with the outer one.
     *
     * @errors `BackendError` `Overloaded` when nothing was done, `OutcomeUnknown` when a commit failed half-way.
     */
    readonly write: <A, E, R>(
      effect: Effect.Effect<A, E | SqlError, R>
    ) => Effect.Effect<A, Exclude<E, SqlError> | BackendError, Exclude<R, SqlClient.SqlClient>>
    /**
     * A number that differs before and after each commit of any process, as far as a read that follows can see it. Asked
     * before a read, it tells later whether what was read is still all there is. @errors `BackendError` when the database fails.
     */
    readonly state: Effect.Effect<number, BackendError>
    /** The same number at once; `undefined` where it would have to be waited for, or cannot be read. */
    readonly stateNow: () => number | undefined
    /** Calls `listener` after each commit of this process, until the scope ends. It must be quick, and must not fail. */
    readonly onCommit: (listener: () => void) => Effect.Effect<void, never, Scope.Scope>
    /**
     * Calls `listener` whenever a commit of this process may have changed a number that the database keeps, before any of its
     * writes is answered: when the number differs from that of the last commit, at the first one, and after one that failed.
     * Until the scope ends. The listener must be quick, and must not fail.
     */
    readonly onChange: (
      version: Effect.Effect<number, SqlError, SqlClient.SqlClient>,
      listener: () => void
    ) => Effect.Effect<void, never, Scope.Scope>
  }
>()("@bookio-kit/adapter-sql/database/Database") {}

/** The writer whose transaction is open around this effect, so that a write within a write joins it and does not wait for it. */
const OpenWriter = Context.Reference<SqlClient.SqlClient | undefined>(
  "@bookio-kit/adapter-sql/database/Database/OpenWriter",
  { defaultValue: () => undefined }
)

/** Whether a write is open around this effect, which waits for nothing that may wait for the database. */
export const isWithinWrite: Effect.Effect<boolean> = Effect.withFiber((fiber) =>
  Effect.succeed(fiber.getRef(OpenWriter) !== undefined)
)

class Expired extends Data.TaggedError("Expired") {}

/** A number that the database keeps, and who is told that it may be another one. */
interface Watch {
  readonly version: Effect.Effect<number, SqlError, SqlClient.SqlClient>
  readonly listener: () => void
  /** That of the last commit, where it is known. */
  seen: number | undefined
}

interface Job {
  /**
   * Runs the write inside the open transaction, and gives what answers its caller once that has been committed. The write's
   * own failure is a value, so that it ends only itself.
   */
  readonly run: Effect.Effect<() => void, SqlError>
  readonly refuse: (error: BackendError) => Effect.Effect<void>
  readonly isCancelled: () => boolean
}

/** Failures of the database as the engine's callers see them; the cause stays for the log of this process. */
const toBackendError = (error: SqlError): BackendError =>
  // A lock that another process holds leaves nothing behind and may pass.
  new BackendError({ reason: error.isRetryable ? "Overloaded" : "Internal", cause: error })

const patience = Schedule.spaced("20 millis").pipe(Schedule.jittered, Schedule.upTo({ duration: writeBoundMs }))

/** Tries again while another process holds the lock, for as long as a write may take. */
const patiently = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.retry(effect, {
    // A file that cannot be opened is no lock, and is told at once.
    while: (error) => isSqlError(error) && error.isRetryable && error.reason._tag !== "ConnectionError",
    schedule: patience
  })

// A statement that the tables do not admit is a defect of the write that ran it; after any other error of the database the
// transaction itself is in doubt.
const concernsOneWrite = ({ reason }: SqlError): boolean =>
  reason._tag === "UniqueViolation" || reason._tag === "ConstraintError" || reason._tag === "SqlSyntaxError"

/** The failure of the database in what a write failed with; a write within a write has told it as a `BackendError`. */
const sqlErrorIn = (cause: Cause.Cause<unknown>): SqlError | undefined => {
  const error = Option.getOrUndefined(Cause.findErrorOption(cause))
  const inner = error instanceof BackendError ? error.cause : error
  return isSqlError(inner) ? inner : undefined
}

const kindOf = (cause: Cause.Cause<unknown>): string =>
  sqlErrorIn(cause)?.reason._tag ?? (Cause.hasFails(cause) ? "Expired" : "OutcomeUnknown")

const hideSqlErrors = <A, E, R>(
  effect: Effect.Effect<A, E, R>
): Effect.Effect<A, Exclude<E, SqlError> | BackendError, R> =>
  Effect.mapError(effect, (error) => (isSqlError(error) ? toBackendError(error) : (error as Exclude<E, SqlError>)))

const begin = prepared("SAVEPOINT step")()
const keep = prepared("RELEASE SAVEPOINT step")()
const undo = prepared("ROLLBACK TO SAVEPOINT step")()

/**
 * Runs statements as one step of the open transaction, which a failure undoes by itself. `sql.withTransaction` does
 * the same for transactions in general, at three times the cost; a write runs two of these.
 */
const step = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | SqlError, R | SqlClient.SqlClient> =>
  Effect.uninterruptibleMask((restore) =>
    Effect.flatMap(
      Effect.andThen(begin, Effect.exit(restore(effect))),
      (exit): Effect.Effect<A, E | SqlError, SqlClient.SqlClient> =>
        Effect.andThen(Exit.isSuccess(exit) ? keep : Effect.andThen(undo, keep), exit)
    )
  )

const makeWriter = Effect.fnUntraced(function* (
  sql: SqlClient.SqlClient,
  watches: ReadonlySet<Watch>,
  onCommitted: () => void
) {
  const jobs = yield* Queue.dropping<Job>(queueSize)
  yield* Metrics.showQueueLength(() => Queue.sizeUnsafe(jobs))

  const runGroup = (group: ReadonlyArray<Job>) =>
    Effect.gen(function* () {
      const startedMs = yield* Clock.currentTimeMillis
      const answers: Array<() => void> = []
      for (const job of group) answers.push(yield* job.run)
      const versions = new Map<Watch, number>()
      for (const watch of watches) {
        versions.set(watch, yield* Effect.provideService(watch.version, SqlClient.SqlClient, sql))
      }
      if ((yield* Clock.currentTimeMillis) - startedMs > writeBoundMs) return yield* new Expired()
      return { answers, versions }
    }).pipe(sql.withTransaction, patiently)

  // One that has no version here was added meanwhile, or what has become of the commit is not known.
  const tellWatches = (versions?: ReadonlyMap<Watch, number>) => {
    for (const watch of watches) {
      const version = versions?.get(watch)
      if (version !== undefined && version === watch.seen) continue
      watch.seen = version
      watch.listener()
    }
  }

  const failureOf = (cause: Cause.Cause<SqlError | Expired>): BackendError =>
    Option.match(Cause.findErrorOption(cause), {
      onNone: () => new BackendError({ reason: "OutcomeUnknown", cause }),
      onSome: (error) =>
        isSqlError(error) ? toBackendError(error) : new BackendError({ reason: "Overloaded", cause: error })
    })

  const turn = Effect.uninterruptibleMask((restore) =>
    Effect.gen(function* () {
      yield* restore(Queue.peek(jobs))
      // Let the requests that are already on their sockets join this group, for as long as any come.
      let before: number
      do {
        before = Queue.sizeUnsafe(jobs)
        yield* Effect.yieldNow
      } while (before < groupSize && before < Queue.sizeUnsafe(jobs))
      const waiting = yield* Queue.takeBetween(jobs, 1, groupSize)
      const group = waiting.filter((job) => !job.isCancelled())
      if (group.length === 0) return
      yield* Metrics.observeGroup(group.length)
      const exit = yield* Effect.exit(runGroup(group))
      if (Exit.isSuccess(exit)) {
        tellWatches(exit.value.versions)
        onCommitted()
        for (const answer of exit.value.answers) answer()
        return
      }
      tellWatches()
      yield* Metrics.countError(kindOf(exit.cause))
      const error = failureOf(exit.cause)
      yield* Effect.forEach(group, (job) => job.refuse(error), { discard: true })
    })
  )

  // Added first, so run last: what still waits when the writer has stopped is told that nothing was done.
  yield* Effect.addFinalizer(() =>
    Effect.flatMap(Queue.clear(jobs), (left) =>
      Effect.forEach(left, (job) => job.refuse(new BackendError({ reason: "Overloaded" })), { discard: true })
    )
  )
  yield* Effect.forkScoped(Effect.forever(turn))

  return <A, E, R>(
    effect: Effect.Effect<A, E | SqlError, R>
  ): Effect.Effect<A, Exclude<E, SqlError> | BackendError, Exclude<R, SqlClient.SqlClient>> =>
    Effect.contextWith((context: Context.Context<Exclude<R, SqlClient.SqlClient>>) => {
      type Failure = Exclude<E, SqlError> | BackendError
      if (Context.get(context, OpenWriter) === sql) {
        return effect.pipe(step, Effect.provideService(SqlClient.SqlClient, sql), hideSqlErrors)
      }
      const answer = Deferred.makeUnsafe<A, Failure>()
      let cancelled = false
      const job: Job = {
        run: effect.pipe(
          step,
          Effect.provideService(SqlClient.SqlClient, sql),
          Effect.provideService(OpenWriter, sql),
          Effect.provideContext(context),
          Effect.exit,
          Effect.flatMap((exit) => {
            const error = Exit.isFailure(exit) ? sqlErrorIn(exit.cause) : undefined
            // The database's own trouble concerns the whole group; a refusal or a defect only this write.
            if (error === undefined) {
              return Effect.succeed(() => Deferred.doneUnsafe(answer, exit as Exit.Exit<A, Failure>))
            }
            return concernsOneWrite(error)
              ? Effect.as(Metrics.countError(error.reason._tag), () =>
                  Deferred.doneUnsafe(answer, Exit.fail(toBackendError(error)))
                )
              : Effect.fail(error)
          })
        ),
        refuse: (error) => Effect.asVoid(Deferred.fail(answer, error)),
        isCancelled: () => cancelled
      }
      if (!Queue.offerUnsafe(jobs, job)) {
        return Effect.andThen(Metrics.countError("QueueFull"), new BackendError({ reason: "Overloaded" }))
      }
      // A caller that goes away before its turn takes its write with it; one whose turn has come is served.
      return Effect.onInterrupt(Deferred.await(answer), () =>
        Effect.sync(() => {
          cancelled = true
        })
      )
    })
})

const make = Effect.fnUntraced(function* ({ filename, tables = Engine.tables }: DatabaseOptions) {
  const writer = yield* patiently(SqliteClient.make({ filename, busyTimeoutMs: 20, cacheKiB }))
  yield* patiently(Effect.provideService(migrate(tables), SqlClient.SqlClient, writer))
  // A database in memory has one connection, which reads and writes take in turn.
  const reader = filename === ":memory:" ? writer : yield* SqliteClient.make({ filename, readonly: true, cacheKiB })
  const listeners = new Set<() => void>()
  const watches = new Set<Watch>()
  const addTo = <A>(all: Set<A>, one: A) =>
    Effect.asVoid(
      Effect.acquireRelease(
        Effect.sync(() => all.add(one)),
        () => Effect.sync(() => all.delete(one))
      )
    )
  let commits = 0
  const write = yield* makeWriter(writer, watches, () => {
    commits++
    for (const listener of listeners) listener()
  })
  return Database.of({
    read: (effect) =>
      effect.pipe(
        reader.withTransaction,
        Effect.provideService(SqlClient.SqlClient, reader),
        Effect.tapError((error) => (isSqlError(error) ? Metrics.countError(error.reason._tag) : Effect.void)),
        hideSqlErrors
      ),
    write,
    // A connection sees by this when any other has committed; the one of a database in memory commits itself.
    state: reader === writer ? Effect.sync(() => commits) : hideSqlErrors(reader.dataVersion),
    stateNow: reader === writer ? () => commits : reader.dataVersionNow,
    onCommit: (listener) => addTo(listeners, listener),
    onChange: (version, listener) => addTo(watches, { version, listener, seen: undefined })
  })
})

/** Opens the database, brings it to this version's tables, and closes it with the scope. */
export const layer = (options: DatabaseOptions): Layer.Layer<Database, SqlError | Migrator.MigrationError> =>
  Layer.effect(Database)(make(options)).pipe(Layer.provide(Reactivity.layer))
