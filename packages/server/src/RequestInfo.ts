/**
 * What is known of a request while it is served: its id from the start, the operation and channel once they are found.
 * One object a request, written as things become known and read by the access log at the end. It holds no personal data.
 */
import type { Access } from "@bookio-kit/core/access/Caller"
import type { ChannelId } from "@bookio-kit/core/scalar/Id"
import * as Context from "effect/Context"
import type * as Headers from "effect/http/Headers"

export interface RequestInfo {
  /** From `X-Request-Id` where that is well-formed, else drawn; always in the answer and in the log. */
  readonly requestId: string
  operation?: string
  channelId?: ChannelId
  access?: Access
  errorCode?: number
  /** Whether the answer is made of nothing but the caller, the URL and what the backend holds: no clock, no chance. */
  isLasting?: boolean
}

/** The request that is being served; a reference, for the router lets its middleware provide nothing else to handlers. */
export const RequestInfo = Context.Reference<RequestInfo>("@bookio-kit/server/RequestInfo", {
  defaultValue: () => ({ requestId: "none" })
})

/** When work began on a request, Unix time in milliseconds, where that was before the router had it; by the platform's request. */
export const beganMs = new WeakMap<object, number>()

// What may stand in a log line and a header without harm; without @, for an e-mail address is not to be logged.
const wellFormed = /^[\w.:/+=-]{1,128}$/

/** The request id: the caller's own, or a new one. */
export const requestIdOf = (headers: Headers.Headers): string => requestIdFrom(headers["x-request-id"])

/** The same, of the header itself. */
export const requestIdFrom = (given: string | undefined): string =>
  given !== undefined && wellFormed.test(given) ? given : globalThis.crypto.randomUUID()
