import { assert, describe, it } from "@effect/vitest"
import { Context, Effect, Exit, Layer, Tracer } from "effect"
import { SqlClient } from "effect/sql"
import * as Database from "../../src/database/Database.ts"
import { prepared } from "../../src/database/Prepared.ts"

const open = Effect.map(Layer.build(Database.layer({ filename: ":memory:" })), (context) =>
  Context.get(context, Database.Database)
)
const insert = prepared("INSERT INTO channel (name) VALUES (?)")
const select = prepared<{ readonly name: string }>("SELECT name FROM channel WHERE name <> ? ORDER BY id")

/** A tracer that keeps the names of its spans. */
const keeping = (names: Array<string>) =>
  Tracer.make({
    span: (options) => {
      names.push(options.name)
      return new Tracer.NativeSpan(options)
    }
  })

describe("prepared", () => {
  it.effect("MUST run within the transaction that is open, and be undone with its step", () =>
    Effect.gen(function* () {
      const db = yield* open
      const seen = yield* db.write(
        Effect.gen(function* () {
          yield* insert("kept")
          yield* Effect.exit(db.write(Effect.andThen(insert("undone"), Effect.fail("refused"))))
          return yield* select("")
        })
      )
      assert.deepStrictEqual(
        seen.map(({ name }) => name),
        ["kept"]
      )
      assert.isTrue(Exit.isFailure(yield* Effect.exit(db.write(Effect.andThen(insert("gone"), Effect.die("defect"))))))
      assert.strictEqual((yield* db.read(select(""))).length, 1)
    })
  )

  it.effect("MUST run by itself where no transaction is open", () =>
    Effect.gen(function* () {
      const db = yield* open
      const sql = yield* db.read(SqlClient.SqlClient)
      yield* Effect.provideService(insert("alone"), SqlClient.SqlClient, sql)
      assert.strictEqual((yield* Effect.provideService(select("other"), SqlClient.SqlClient, sql)).length, 1)
    })
  )

  it.effect("MUST refuse what its tables do not admit as any statement does", () =>
    Effect.gen(function* () {
      const db = yield* open
      const twice = Effect.andThen(insert("same"), Effect.flip(insert("same")))
      assert.strictEqual((yield* db.write(twice)).reason._tag, "UniqueViolation")
    })
  )

  it.effect("MUST show a tracer that keeps spans each statement", () =>
    Effect.gen(function* () {
      const db = yield* open
      const spans: Array<string> = []
      yield* Effect.withTracer(db.write(insert("traced")), keeping(spans))
      // The savepoint before it and its release behind it.
      assert.strictEqual(spans.filter((name) => name === "sqlite").length, 3)
    })
  )

  it.effect("MUST number its parameters where the dialect wants it, and depend on the dialect of each client", () =>
    Effect.gen(function* () {
      const db = yield* open
      const sql = yield* db.read(SqlClient.SqlClient)
      const texts: Array<string> = []
      // A client of PostgreSQL as far as a prepared statement sees it.
      const pg = Object.assign(Object.create(sql), {
        onDialectOrElse: ({ pg }: { readonly pg: () => unknown }) => pg(),
        unsafe: (text: string, values: ReadonlyArray<unknown>) => Effect.sync(() => texts.push(text, String(values)))
      }) as SqlClient.SqlClient
      const statement = prepared("SELECT ? WHERE ? = 1")
      yield* Effect.provideService(statement("a", 1), SqlClient.SqlClient, pg)
      assert.deepStrictEqual(texts, ["SELECT $1 WHERE $2 = 1", "a,1"])
      yield* Effect.provideService(statement("a", 1), SqlClient.SqlClient, sql)
    })
  )
})
