/**
 * What the tests share: a temporary folder and a client, each gone with the scope of the test. It assumes nothing about
 * the folder that the tests run in.
 */
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import { Reactivity } from "effect/reactivity"
import type { Statement } from "effect/sql"
import * as SqliteClient from "../src/SqliteClient.ts"

/** Makes an empty folder and gives its path. */
export const temporaryFolder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "sqlite-client-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

/** Gives the path of a database that does not exist yet. */
export const temporaryFile = Effect.map(temporaryFolder, (folder) => join(folder, "test.db"))

/** Opens a client that the test's scope closes. */
export const open = (config: SqliteClient.SqliteClientConfig) =>
  SqliteClient.make(config).pipe(Effect.provide(Reactivity.layer))

/** Opens a client on an empty database in memory. */
export const openMemory = (config: Omit<SqliteClient.SqliteClientConfig, "filename"> = {}) =>
  open({ ...config, filename: ":memory:" })

/** Runs a statement and gives the first value of its first row. */
export const scalar = <A>(statement: Statement.Statement<A>) => Effect.map(statement.values, ([row]) => row?.[0])

/** Whether the write-ahead log of a database is there. */
export const hasLog = (file: string) => existsSync(`${file}-wal`)
