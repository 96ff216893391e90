/** The `Idempotency-Key` that a caller wants its next creating request to be repeatable under. */
import type { IdempotencyKey } from "@bookio-kit/core/idempotency/IdempotencyKey"
import * as Context from "effect/Context"

/**
 * The key that `create` of the ports sends; none where absent. Set it around one call, for a key stands for one body. A
 * server that does not know the header ignores it.
 */
export const CurrentIdempotencyKey = Context.Reference<IdempotencyKey | undefined>(
  "@bookio-kit/adapter-bookio/CurrentIdempotencyKey",
  { defaultValue: () => undefined }
)

/** The headers of a creating request. */
export const headersOf = (key: IdempotencyKey | undefined): { readonly "idempotency-key"?: IdempotencyKey } =>
  key === undefined ? {} : { "idempotency-key": key }
