/** The HTTP listener with its limits: a slow, silent or huge client cannot hold the server. */
import { randomUUID } from "node:crypto"
import { createServer, type Server, type ServerResponse, STATUS_CODES } from "node:http"
import type { Duplex } from "node:stream"
import { toFailure } from "@bookio-kit/core/api/Envelope"
import { ValidationError } from "@bookio-kit/core/error/Refusal"
import { SettingsError } from "@bookio-kit/core/settings/Settings"
import { about, say } from "@bookio-kit/core/text/Text"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import type { ServeError } from "effect/http/HttpServerError"
import { closeWithin } from "./Drain.ts"
import { mapError } from "./MapError.ts"

const headerBytes = 16 * 1024
const headersTimeoutMs = 10_000
// Well below the limit on work (30 s): when it passes, nothing has been done yet, which 408 says and a 504 would not.
const requestTimeoutMs = 20_000
const idleTimeoutMs = 60_000
const drainMs = 10_000
const silentMs = 500

// What Node refuses before there is a request: headers too large, too slow, or no HTTP at all.
const statusOf = (code: string | undefined) =>
  code === "HPE_HEADER_OVERFLOW" ? 431 : code === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : 400

const problemOf = (status: number) =>
  status === 431
    ? about("headers", "bodyTooLarge", { max: headerBytes })
    : status === 408
      ? say("timeout")
      : about("request", "invalid")

const refuseUnparsed = (server: Server): Server => {
  const latest = new WeakMap<Duplex, ServerResponse>()
  server.on("request", (request, response) => latest.set(request.socket, response))
  return server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    if (error.code === "ECONNRESET" || !socket.writable) return socket.destroy()
    // What follows a whole request that is still being worked on must not be answered in its place.
    const before = latest.get(socket)
    if (before?.req.complete === true && !before.writableFinished) return before.once("finish", () => socket.end())
    const status = statusOf(error.code)
    const requestId = randomUUID()
    const body = JSON.stringify(toFailure(new ValidationError({ problems: [problemOf(status)] }), requestId, "en"))
    return socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\nX-Request-Id: ${requestId}\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
    )
  })
}

const makeServer = (onClose: () => void) => {
  const server = createServer({
    maxHeaderSize: headerBytes,
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: 2000,
    keepAliveTimeout: 5000,
    // A client that offers HTTP/2 or a web socket gets its answer in HTTP/1.1, as if it had not (RFC 9110, 7.8).
    shouldUpgradeCallback: () => false
  })
  server.setTimeout(idleTimeoutMs)
  // An expectation that is not known is ignored, which RFC 9110, 10.1.1 allows; Node's own 417 has no envelope.
  server.on("checkExpectation", (request, response) => server.emit("request", request, response))
  return closeWithin(refuseUnparsed(server), { drainMs, onClose, silentMs })
}

/**
 * Listens on a host and port; requests in flight at the end are finished, for at most ten seconds. `onClose` is to end what
 * would not finish by itself.
 */
export const layer = (host: string, port: number, onClose: () => void) =>
  NodeHttpServer.layer(() => makeServer(onClose), { host, port }).pipe(
    mapError(({ cause }: ServeError) => {
      const { code } = cause as NodeJS.ErrnoException
      const problem =
        code === "EADDRINUSE"
          ? `BOOKIO_PROXY_PORT: port ${port} of ${host} is in use; choose another, or 0 for a free one`
          : `BOOKIO_PROXY_HOST and BOOKIO_PROXY_PORT: cannot listen on ${host}, port ${port} (${code})`
      return new SettingsError({ problems: [problem] })
    })
  )
