/**
 * What is known of a request while it is served: its id from the start, the operation and channel once they are found.
 * One object a request, written as things become known and read by the access log at the end. It holds no personal data.
 */
import * as Context from "effect/Context"
import type * as Headers from "effect/http/Headers"

export interface RequestInfo {
  /** From `X-Request-Id` where that is well-formed, else drawn; always in the answer and in the log. */
  readonly requestId: string
  operation?: string
  channelId?: number
  errorCode?: number
}

/** The request that is being served; a reference, for the router lets its middleware provide nothing else to handlers. */
export const RequestInfo = Context.Reference<RequestInfo>("@bookio-kit/server/RequestInfo", {
  defaultValue: () => ({ requestId: "none" })
})

// What may stand in a log line and a header without harm; without @, for an e-mail address is not to be logged.
const wellFormed = /^[\w.:/+=-]{1,128}$/

/** The request id: the caller's own, or a new one. */
export const requestIdOf = (headers: Headers.Headers): string => {
  const given = headers["x-request-id"]
  return given !== undefined && wellFormed.test(given) ? given : globalThis.crypto.randomUUID()
}
