/** `bookio token revoke`. */
import * as Tokens from "@bookio-kit/adapter-sql/admin/Tokens"
import * as Effect from "effect/Effect"
import { withDatabase } from "../../backend/Administration.ts"
import type { Given } from "../../Command.ts"
import { confirm } from "../../Confirm.ts"
import { printOne } from "../../output/Output.ts"
import { infoOf } from "./Shown.ts"
import type { revoke } from "./specs.ts"

/** Runs the command. */
export const run = ({ args: { id }, flags: { yes } }: Given<typeof revoke>) =>
  withDatabase(
    Effect.fnUntraced(function* () {
      yield* confirm(yes, `Revoke token ${id}? Whoever uses it is refused at once.`)
      const revoked = yield* Tokens.revoke(id)
      yield* printOne(infoOf(revoked), [`Token ${id} of channel "${revoked.channel}" is revoked.`])
    })
  )
