/** Tokens as commands show them. */
import type { NewToken, TokenInfo } from "@bookio-kit/adapter-sql/admin/Tokens"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import { isForPeople, note, print, printOne } from "../../output/Output.ts"

const utc = (ms: number) => new Date(ms).toISOString()

/** A token without itself, as JSON and CSV have it. */
export const infoOf = ({ access, channel, expiresMs, id, revokedMs, state }: TokenInfo) => ({
  id,
  channel,
  access,
  ...(expiresMs === undefined ? {} : { expires: utc(expiresMs) }),
  ...(revokedMs === undefined ? {} : { revoked: utc(revokedMs) }),
  state
})

/** Shows a token that was just made: itself alone on standard output, so that it can go into a file. */
export const printMade = Effect.fnUntraced(function* ({ access, channel, expiresMs, id, token }: NewToken) {
  const text = Redacted.value(token)
  if (!(yield* isForPeople)) {
    const ends = expiresMs === undefined ? {} : { expires: utc(expiresMs) }
    return yield* printOne({ id, channel, access, ...ends, token: text }, [])
  }
  const ends = expiresMs === undefined ? "does not expire" : `expires ${utc(expiresMs)}`
  yield* note(`Token ${id} of channel "${channel}" with access ${access} ${ends}. It is shown this once:`)
  yield* print(`${text}\n`)
})
