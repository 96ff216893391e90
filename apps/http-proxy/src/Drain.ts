/**
 * Bounds how long a server takes to close. Node's `close` answers what is in flight and ends idle connections, but waits
 * for a connection that has never sent anything (browsers open such), for one that never finishes its request, and for a
 * kept one until it times out. The `gracefulShutdownTimeout` of Effect's server does not bound it: that runs in a
 * finalizer, where no time-out interrupts.
 */
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { Socket } from "node:net"

export interface DrainOptions {
  /** How long a new connection has to begin its first request, in milliseconds. */
  readonly silentMs: number
  /** How long requests in flight have to be finished, in milliseconds; then their connections are cut. */
  readonly drainMs: number
  /** Called when the closing begins, for answers that have no end by themselves. */
  readonly onClose?: () => void
}

/** The server, with a `close` that ends within `drainMs` whatever its clients do. */
export const closeWithin = (server: Server, { drainMs, onClose, silentMs }: DrainOptions): Server => {
  const connections = new Set<Socket>()
  const unanswered = new Set<ServerResponse>()
  let isClosing = false
  // The client is told that it cannot ask again on this connection, which then ends with the answer.
  const endConnection = (response: ServerResponse) => {
    if (!response.headersSent) response.setHeader("connection", "close")
  }
  const onRequest = (_request: IncomingMessage, response: ServerResponse) => {
    if (isClosing) return endConnection(response)
    unanswered.add(response)
    response.once("close", () => unanswered.delete(response))
  }
  server.on("request", onRequest)
  // By the front of a gateway (`@bookio-kit/gateway/InFront`).
  server.on("taken", onRequest)
  server.on("checkContinue", onRequest)
  server.on("connection", (socket) => {
    connections.add(socket)
    socket.once("close", () => connections.delete(socket))
  })
  const close = server.close.bind(server)
  server.close = (callback) => {
    isClosing = true
    unanswered.forEach(endConnection)
    onClose?.()
    const endSilent = () => {
      for (const socket of connections) if (socket.bytesRead === 0) socket.destroy()
    }
    const timers = [setTimeout(endSilent, silentMs), setTimeout(() => server.closeAllConnections(), drainMs)]
    server.once("close", () => timers.forEach(clearTimeout))
    return close(callback)
  }
  return server
}
