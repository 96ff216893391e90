/** `bookio token create`. */
import { AdminError } from "@bookio-kit/adapter-sql/admin/AdminError"
import * as Tokens from "@bookio-kit/adapter-sql/admin/Tokens"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { withDatabase } from "../../backend/Administration.ts"
import { channels } from "../../backend/Embedded.ts"
import type { Given } from "../../Command.ts"
import { usageError } from "../../Failure.ts"
import { Invocation } from "../../Invocation.ts"
import { lengthMs } from "../../Lengths.ts"
import { printMade } from "./Shown.ts"
import type { create } from "./specs.ts"

const instantOf = (text: string): number | undefined =>
  /^\d{4}-\d{2}-\d{2}T.*(?:Z|[+-]\d{2}:\d{2})$/.test(text) && !Number.isNaN(Date.parse(text))
    ? Date.parse(text)
    : undefined

const readExpiry = Effect.fnUntraced(function* (text: string) {
  const length = lengthMs(text)
  if (length !== undefined) return (yield* Clock.currentTimeMillis) + length
  return (
    instantOf(text) ??
    (yield* usageError("--expires must be a length or an instant", "write 90d, 12h, or 2027-01-01T00:00:00Z"))
  )
})

const channelOf = Effect.gen(function* () {
  const { globals } = yield* Invocation
  if (globals.channel !== undefined) return globals.channel
  const [only, ...others] = yield* channels
  if (only !== undefined && others.length === 0) return only.name
  const names = [only, ...others].flatMap((channel) => (channel === undefined ? [] : [`"${channel.name}"`])).join(", ")
  return yield* new AdminError({
    problem:
      only === undefined ? "the database has no channel: seed it first" : `give --channel, which is one of ${names}`
  })
})

/** Runs the command. */
export const run = ({ flags: { access, expires } }: Given<typeof create>) =>
  withDatabase(
    Effect.fnUntraced(function* () {
      const expiresMs = expires === undefined ? undefined : yield* readExpiry(expires)
      const channel = yield* channelOf
      yield* printMade(yield* Tokens.create({ channel, access, ...(expiresMs === undefined ? {} : { expiresMs }) }))
    })
  )
