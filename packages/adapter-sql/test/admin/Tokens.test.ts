import { Authenticator } from "@bookio-kit/core/access/Authenticator"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { SqlClient } from "effect/sql"
import { TestClock } from "effect/testing"
import * as Tokens from "../../src/admin/Tokens.ts"
import { Database } from "../../src/database/Database.ts"
import { engine, equal, utc, world } from "../Support.ts"

const who = (token: Redacted.Redacted) =>
  Effect.flatMap(Authenticator, (authenticator) => authenticator.authenticate(token)).pipe(
    Effect.map(({ access, channelId, tokenId }) => `${channelId} ${access} ${tokenId}`),
    Effect.catchTag("InvalidToken", () => Effect.succeed("refused"))
  )

const nowMs = utc("2026-06-01T06:00:00")

describe("Tokens", () => {
  it.effect("MUST make a token of 32 random bytes that is good until it expires", () =>
    Effect.gen(function* () {
      yield* world()
      const made = yield* Tokens.create({ channel: "second", access: "read", expiresMs: nowMs + 60_000 })
      assert.match(Redacted.value(made.token), /^[\w-]{43}$/)
      equal(yield* who(made.token), `2 read ${made.id}`)
      yield* TestClock.adjust("59 seconds")
      equal(yield* who(made.token), `2 read ${made.id}`)
      yield* TestClock.adjust("1 second")
      equal(yield* who(made.token), "refused")
      equal(yield* Tokens.list(), [
        { id: made.id, channel: "second", access: "read", expiresMs: nowMs + 60_000, state: "expired" }
      ])
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST NOT keep the token itself, nor list it", () =>
    Effect.gen(function* () {
      yield* world()
      const { token } = yield* Tokens.create({ channel: "first", access: "write" })
      const database = yield* Database
      const rows = yield* database.read(Effect.flatMap(SqlClient.SqlClient, (sql) => sql`SELECT * FROM token`))
      const shown = JSON.stringify([rows, yield* Tokens.list()])
      assert.notInclude(shown, Redacted.value(token))
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST end a revoked token at once, and be content with a second revocation", () =>
    Effect.gen(function* () {
      yield* world()
      const { id, token } = yield* Tokens.create({ channel: "first", access: "write" })
      const other = yield* Tokens.create({ channel: "first", access: "write" })
      const ended = { id, channel: "first", access: "write", revokedMs: nowMs, state: "revoked" }
      equal(yield* Tokens.revoke(id), ended)
      yield* TestClock.adjust("1 minute")
      equal(yield* Tokens.revoke(id), ended)
      equal(yield* who(token), "refused")
      equal(yield* who(other.token), `1 write ${other.id}`)
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST rotate: the old token ends at once, or after the grace, and never later than it would have", () =>
    Effect.gen(function* () {
      yield* world()
      const first = yield* Tokens.create({ channel: "second", access: "admin", expiresMs: nowMs + 3_600_000 })
      const second = yield* Tokens.rotate(first.id, 60_000)
      equal(yield* who(first.token), `2 admin ${first.id}`)
      equal(second.made.expiresMs, nowMs + 3_600_000)
      yield* TestClock.adjust("1 minute")
      equal(yield* who(first.token), "refused")
      equal(yield* who(second.made.token), `2 admin ${second.made.id}`)
      const third = yield* Tokens.rotate(second.made.id)
      equal(yield* who(second.made.token), "refused")
      equal(third.previous.state, "revoked")
      const fourth = yield* Tokens.rotate(third.made.id, 86_400_000)
      equal(fourth.previous.expiresMs, nowMs + 3_600_000)
    }).pipe(Effect.provide(engine()))
  )

  it.effect("MUST refuse what is not there, has ended, or would have, and change nothing", () =>
    Effect.gen(function* () {
      yield* world()
      const { id } = yield* Tokens.create({ channel: "first", access: "write" })
      yield* Tokens.revoke(id)
      const before = yield* Tokens.list()
      const problems = yield* Effect.forEach(
        [
          Tokens.create({ channel: "third", access: "read" }),
          Tokens.create({ channel: "first", access: "read", expiresMs: nowMs }),
          Tokens.rotate(id),
          Tokens.rotate(99),
          Tokens.revoke(99)
        ],
        (effect) => Effect.map(Effect.flip<unknown, { readonly message: string }, Database>(effect), (e) => e.message)
      )
      equal(problems, [
        'there is no channel "third"; the database has "first", "second"',
        "the token would have expired already; give an instant in the future",
        "token 1 is revoked: make a new one instead",
        "there is no token 99; list them to see their ids",
        "there is no token 99; list them to see their ids"
      ])
      equal(yield* Tokens.list(), before)
    }).pipe(Effect.provide(engine()))
  )
})
