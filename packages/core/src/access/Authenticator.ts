/** The port that turns a Bearer token into a channel and its access. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type * as Redacted from "effect/Redacted"
import type { BackendError } from "../error/BackendError.ts"
import type { InvalidToken } from "../error/Refusal.ts"
import type { ChannelId, TokenId } from "../scalar/Id.ts"
import type { Access } from "./Caller.ts"

export class Authenticator extends Context.Service<
  Authenticator,
  {
    /**
     * The channel and access of a token, and which token it is. A revocation or an expiry holds from the next second.
     * With `isAgain` it is that of a request that was let in before and is still served, such as a stream: it counts as no
     * request where requests are counted.
     *
     * @errors `InvalidToken` for an empty, unknown, expired or revoked token, never told apart; `BackendError` when the
     * tokens cannot be read.
     */
    readonly authenticate: (
      token: Redacted.Redacted,
      options?: { readonly isAgain?: boolean }
    ) => Effect.Effect<
      { readonly channelId: ChannelId; readonly tokenId?: TokenId; readonly access: Access },
      InvalidToken | BackendError
    >
  }
>()("@bookio-kit/core/access/Authenticator") {}
