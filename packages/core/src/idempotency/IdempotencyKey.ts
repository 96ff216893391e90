/**
 * The key by which a caller makes a creating request repeatable: the header `Idempotency-Key`, an extension of the
 * published API. The same key and body give the first answer again; what is remembered, and for how long, stands here, so
 * that every store of answers keeps the same.
 */
import * as Schema from "effect/Schema"
import { check, saying } from "../scalar/Check.ts"

/** 1 to 255 visible ASCII characters, `!` to `~`; a space or a repeated header is refused. */
export const IdempotencyKey = Schema.String.annotate(saying("notIdempotencyKey")).pipe(
  Schema.check(
    check((text: string) => /^[!-~]{1,255}$/.test(text), "notIdempotencyKey", {
      jsonSchema: { minLength: 1, maxLength: 255, pattern: "^[!-~]+$" }
    })
  ),
  Schema.brand("IdempotencyKey")
)
export type IdempotencyKey = typeof IdempotencyKey.Type

/** The header of a request, in the spelling that problems and the OpenAPI document use. */
export const idempotencyHeader = "Idempotency-Key"

/** The header of an answer that is the first one once more: `true`, absent otherwise. */
export const replayedHeader = "Idempotency-Replayed"

/** How long an answer is given again, in milliseconds: 24 hours from when it was made. */
export const idempotencyLifetimeMs = 24 * 60 * 60 * 1000

// What a repeat cannot change: the rules said no, or there is no such thing, no place, or one already.
const keptCodes: ReadonlySet<number> = new Set([10, 12, 30, 40])

/**
 * Whether an answer is remembered under its key: a success, and errorCodes 10, 12, 30 and 40. Missing rights, limits and
 * failures are not, so that the same key works once they have passed.
 */
export const isRemembered = ({
  errorCode,
  status
}: {
  readonly status: number
  readonly errorCode?: number
}): boolean => (errorCode === undefined ? status === 200 : keptCodes.has(errorCode))
