/**
 * Tokens that are known without asking: as long as nothing that a token depends on was changed, and no look-up more than it
 * takes. `Remembered.test.ts` has what other processes do.
 */
import { Authenticator } from "@bookio-kit/core/access/Authenticator"
import { Freshness } from "@bookio-kit/core/backend/Freshness"
import * as SqliteClient from "@bookio-kit/sqlite-client/SqliteClient"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, Layer, Redacted } from "effect"
import * as Reactivity from "effect/reactivity/Reactivity"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import * as Admin from "../../src/admin/Tokens.ts"
import * as DatabaseLayer from "../../src/database/Database.ts"
import { Database } from "../../src/database/Database.ts"
import * as Tokens from "../../src/engine/Tokens.ts"
import { book, engine, equal, first, person, refusal, seed, temporaryFile, world } from "../Support.ts"

const token = "x".repeat(43)
const withToken = {
  ...seed(),
  channels: [{ name: "first", facilities: ["shared", "foreign"], tokens: [{ token, access: "write" as const }] }]
}
const authenticate = Effect.flatMap(Authenticator, ({ authenticate }) => authenticate(Redacted.make(token)))
const statement = (text: string) => Effect.flatMap(SqlClient.SqlClient, (sql) => sql.unsafe(text))
const write = (text: string) => Effect.flatMap(Database, (database) => database.write(statement(text)))
/** Who the token is known to be of without asking, if it is. */
const known = Effect.map(Freshness, ({ callerOf }) => callerOf(token))
const booked = (n: number) => first(book({ externalId: n, dateFrom: `2026-06-0${n}T09:00:00`, ...person(n) }))
const revoke = "UPDATE token SET revoked_ms = 0"

describe.each(["in memory", "on a file"])("a known token, %s", (kind) => {
  const filename = kind === "in memory" ? Effect.succeed(":memory:") : temporaryFile
  const within = <A, E>(test: Effect.Effect<A, E, Layer.Success<ReturnType<typeof engine>>>) =>
    Effect.flatMap(filename, (filename) =>
      Effect.provide(Effect.andThen(Effect.andThen(world(withToken), authenticate), test), engine(filename))
    )

  it.effect("MUST stay known while this process commits what concerns no token", () =>
    within(
      Effect.gen(function* () {
        const who = yield* authenticate
        yield* booked(1)
        equal(yield* known, who)
        yield* booked(2)
        equal(yield* known, who)
        yield* TestClock.adjust("1 second")
        equal(yield* known, undefined)
      })
    )
  )

  it.effect("MUST be asked about again after each change of a token or of a channel's facilities, at once", () =>
    within(
      Effect.gen(function* () {
        for (const [text, answer] of [
          [revoke, "20 invalid"],
          ["UPDATE token SET revoked_ms = NULL", "write"],
          ["UPDATE token SET access = 'read'", "read"],
          ["UPDATE token SET expires_ms = 1", "20 invalid"],
          ["UPDATE token SET expires_ms = NULL", "read"],
          ["INSERT OR REPLACE INTO token SELECT id, sha256, channel_id, 'admin', NULL, NULL FROM token", "admin"],
          ["DELETE FROM channel_facility WHERE facility_id = 2", "admin"],
          ["INSERT INTO channel_facility VALUES (1, 2)", "admin"],
          ["DELETE FROM token", "20 invalid"]
        ] as const) {
          yield* write(text)
          equal(yield* known, undefined)
          const said = authenticate.pipe(Effect.map(({ access }) => access))
          equal(yield* answer === "20 invalid" ? refusal(said) : said, answer)
        }
      })
    )
  )

  it.effect("MUST end at once with its rotation, and at the end of its grace", () =>
    within(
      Effect.gen(function* () {
        const { tokenId } = yield* authenticate
        assert(tokenId !== undefined)
        const { previous } = yield* Admin.rotate(tokenId, 300)
        equal((yield* authenticate).access, "write")
        yield* TestClock.adjust("300 millis")
        equal([yield* known, previous.state, yield* refusal(authenticate)], [undefined, "valid", "20 invalid"])
      })
    )
  )

  it.effect("MUST be as before when a change of it is undone, and end with one that is not", () =>
    within(
      Effect.gen(function* () {
        const database = yield* Database
        const undone = (text: string) =>
          Effect.exit(
            database.write(Effect.andThen(statement(text), Effect.andThen(authenticate, Effect.die("undone"))))
          )
        assert.isTrue(Exit.isFailure(yield* undone("UPDATE token SET access = 'admin'")))
        equal((yield* authenticate).access, "write")
        yield* write(revoke)
        equal(yield* refusal(authenticate), "20 invalid")
        // What a write sees of its own tokens is nobody else's.
        assert.isTrue(Exit.isFailure(yield* undone("UPDATE token SET revoked_ms = NULL")))
        equal(yield* known, undefined)
        equal(yield* refusal(authenticate), "20 invalid")
      })
    )
  )
})

it.effect("a token that another connection revoked MUST be refused after the next commit of this process", () =>
  Effect.gen(function* () {
    const filename = yield* temporaryFile
    yield* Effect.gen(function* () {
      yield* world(withToken)
      yield* authenticate
      const other = yield* SqliteClient.make({ filename })
      yield* other.unsafe(revoke)
      equal((yield* authenticate).access, "write")
      yield* booked(1)
      equal(yield* refusal(authenticate), "20 invalid")
    }).pipe(Effect.provide(engine(filename)))
  }).pipe(Effect.provide(Reactivity.layer))
)

describe("look-ups of one token at the same time", () => {
  /** The engine's tokens over a database that counts its reads, and answers them when it is told to. */
  const counted = Effect.gen(function* () {
    const context = yield* Layer.build(DatabaseLayer.layer({ filename: yield* temporaryFile }))
    const database = yield* Effect.provide(Database, context)
    yield* Effect.provideService(world(withToken), Database, database)
    const gates: Array<Deferred.Deferred<void>> = []
    const slow = Database.of({
      ...database,
      read: (effect) =>
        Effect.flatMap(database.read(effect), (answer) => {
          const gate = Deferred.makeUnsafe<void>()
          gates.push(gate)
          return Effect.as(Deferred.await(gate), answer)
        })
    })
    const tokens = yield* Layer.build(Layer.provide(Tokens.layer, Layer.succeed(Database, slow)))
    const ask = Effect.forkChild(Effect.provide(Effect.result(authenticate), tokens), { startImmediately: true })
    const letGo = (n: number) => Deferred.succeed(gates[n]!, undefined)
    const reads = Effect.as(Effect.repeat(Effect.yieldNow, { times: 20 }), gates)
    return { ask, database, letGo, reads, known: Effect.provide(known, tokens) }
  })

  it.effect("MUST share one read, also when who asked first goes away", () =>
    Effect.gen(function* () {
      const { ask, known, letGo, reads } = yield* counted
      const gone = yield* ask
      const asked = [yield* ask, yield* ask, yield* ask]
      equal((yield* reads).length, 1)
      yield* Fiber.interrupt(gone)
      yield* letGo(0)
      for (const fiber of asked) equal((yield* Fiber.join(fiber))._tag, "Success")
      equal((yield* known)?.access, "write")
      equal((yield* reads).length, 1)
    })
  )

  it.effect("MUST NOT share one that began before a revocation, nor remember it", () =>
    Effect.gen(function* () {
      const { ask, database, known, letGo, reads } = yield* counted
      const early = yield* ask
      equal((yield* reads).length, 1)
      yield* database.write(statement(revoke))
      const late = yield* ask
      yield* letGo(0)
      equal((yield* Fiber.join(early))._tag, "Success")
      equal((yield* Fiber.join(late))._tag, "Failure")
      equal(yield* known, undefined)
      equal((yield* Fiber.join(yield* ask))._tag, "Failure")
    })
  )

  it.effect("MUST NOT wait for one of outside within a write, which has the database", () =>
    Effect.gen(function* () {
      const { ask, database, letGo, reads } = yield* counted
      yield* ask
      equal((yield* reads).length, 1)
      const inside = yield* Effect.forkChild(database.write(Effect.andThen(Effect.void, ask)), {
        startImmediately: true
      })
      const second = yield* Fiber.join(inside)
      equal((yield* reads).length, 2)
      yield* letGo(1)
      equal((yield* Fiber.join(second))._tag, "Success")
      yield* letGo(0)
    })
  )
})
