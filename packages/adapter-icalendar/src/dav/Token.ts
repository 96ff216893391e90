/**
 * Our sync tokens: of which collection they are, and of which kind. `sync` is the server's own (RFC 6578); `ctag`, where it
 * has none, is the collection's tag, which tells only whether anything changed.
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

const SyncToken = Schema.Struct({
  kind: Schema.Literals(["sync", "ctag"]),
  collection: Schema.String,
  value: Schema.String
})
export type SyncToken = typeof SyncToken.Type

const codec = Schema.fromJsonString(SyncToken)
const decode = Schema.decodeUnknownOption(codec)

/** The token as the port has it: opaque. */
export const writeToken: (token: SyncToken) => string = Schema.encodeSync(codec)

/** A token of this collection; `undefined` for any other text. */
export const readToken = (text: string, collection: URL): SyncToken | undefined =>
  Option.getOrUndefined(Option.filter(decode(text), (token) => token.collection === collection.href))
