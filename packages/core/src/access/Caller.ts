/**
 * Who is asking: the channel that a token is bound to, what the token may do, and the language of texts. A service of the
 * request and not of the process, so that no port method can forget it.
 */
import * as Context from "effect/Context"
import * as Schema from "effect/Schema"
import type { ChannelId, TokenId } from "../scalar/Id.ts"
import type { Language } from "../text/Text.ts"

/**
 * What a token may do (engine.md, rule 12). `book`: facilities, calendars, slots, create, and its own channel's
 * reservations. `read`: all lists. `write`: every operation of the reference. `admin`: that, and the server's own settings.
 */
export const Access = Schema.Literals(["book", "read", "write", "admin"])
export type Access = typeof Access.Type

export class Caller extends Context.Service<
  Caller,
  {
    readonly channelId: ChannelId
    /** Which of the channel's tokens; absent where there is none, as in a program that calls the ports itself. */
    readonly tokenId?: TokenId
    readonly access: Access
    readonly language: Language
  }
>()("@bookio-kit/core/access/Caller") {}
