/**
 * What a backend can tell at once, without waiting for anything: whether what was read from it still holds, and who a token
 * belongs to. A server may give an answer again only on such grounds. A backend that can tell neither offers nothing here,
 * and is asked each time.
 */
import * as Context from "effect/Context"
import type { Access } from "../access/Caller.ts"
import type { ChannelId } from "../scalar/Id.ts"

export interface Freshness {
  /**
   * A number that differs before and after each commit of any process, as far as a read that follows can see it. Asked
   * before a read, it tells later whether what was read is still all there is. `undefined` where it cannot be told now.
   */
  readonly state: () => number | undefined
  /** Who a token belongs to, as current as `Authenticator.authenticate` would tell; `undefined` means that it is to be asked. */
  readonly callerOf: (token: string) => { readonly channelId: ChannelId; readonly access: Access } | undefined
}

/** Those of the backend; a reference, for a backend need not have any. */
export const Freshness = Context.Reference<Freshness>("@bookio-kit/core/backend/Freshness", {
  defaultValue: () => ({ state: () => undefined, callerOf: () => undefined })
})
