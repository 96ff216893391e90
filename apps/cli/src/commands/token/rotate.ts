/** `bookio token rotate`. */
import * as Tokens from "@bookio-kit/adapter-sql/admin/Tokens"
import * as Effect from "effect/Effect"
import { withDatabase } from "../../backend/Administration.ts"
import type { Given } from "../../Command.ts"
import { readLength } from "../../Lengths.ts"
import { note } from "../../output/Output.ts"
import { printMade } from "./Shown.ts"
import type { rotate } from "./specs.ts"

/** Runs the command. */
export const run = ({ args: { id }, flags: { grace } }: Given<typeof rotate>) =>
  withDatabase(
    Effect.fnUntraced(function* () {
      const graceMs = grace === undefined ? 0 : yield* readLength("--grace", grace)
      const { made, previous } = yield* Tokens.rotate(id, graceMs)
      yield* note(
        previous.expiresMs === undefined || graceMs === 0
          ? `Token ${id} is revoked.`
          : `Token ${id} stays good until ${new Date(previous.expiresMs).toISOString()}.`
      )
      yield* printMade(made)
    })
  )
