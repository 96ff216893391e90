/** `--idempotency-key`, and the own id that a record gets where none is given. */
import { createHash } from "node:crypto"
import { CurrentIdempotencyKey } from "@bookio-kit/adapter-bookio/CurrentIdempotencyKey"
import { IdempotencyKey } from "@bookio-kit/core/idempotency/IdempotencyKey"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { readForm } from "./Form.ts"

/** Runs a creating call under the key, where there is one. @errors `ValidationError` for a key of the wrong form. */
export const underKey = <A, E, R>(key: string | undefined, call: Effect.Effect<A, E, R>) =>
  key === undefined
    ? call
    : Effect.flatMap(readForm(IdempotencyKey, key), (valid) =>
        Effect.provideService(call, CurrentIdempotencyKey, valid)
      )

/** The id that is given; else one of the key, so that a repeat has the same body; else one of the clock. */
export const externalIdOf = (given: number | undefined, key: string | undefined): Effect.Effect<number> => {
  if (given !== undefined) return Effect.succeed(given)
  if (key === undefined) return Clock.currentTimeMillis
  return Effect.succeed(createHash("sha256").update(key).digest().readUIntBE(0, 6) + 1)
}
