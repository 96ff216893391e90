/** The HTTP listener with its limits: a slow, silent or huge client cannot hold the server. */
import { createServer, type Server, STATUS_CODES } from "node:http"
import { toFailure } from "@bookio-kit/core/api/Envelope"
import { ValidationError } from "@bookio-kit/core/error/Refusal"
import { SettingsError } from "@bookio-kit/core/settings/Settings"
import { about, say } from "@bookio-kit/core/text/Text"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import type { ServeError } from "effect/http/HttpServerError"
import { mapError } from "./MapError.ts"

const headerBytes = 16 * 1024
const headersTimeoutMs = 10_000
const requestTimeoutMs = 30_000
const idleTimeoutMs = 60_000

// What Node refuses before there is a request: headers too large, too slow, or no HTTP at all.
const statusOf = (code: string | undefined) =>
  code === "HPE_HEADER_OVERFLOW" ? 431 : code === "ERR_HTTP_REQUEST_TIMEOUT" ? 408 : 400

const refuseUnparsed = (server: Server): Server =>
  server.on("clientError", (error: NodeJS.ErrnoException, socket) => {
    if (error.code === "ECONNRESET" || !socket.writable) return socket.destroy()
    const status = statusOf(error.code)
    const problem = status === 431 ? about("headers", "bodyTooLarge", { max: headerBytes }) : say("invalid")
    const body = JSON.stringify(toFailure(new ValidationError({ problems: [problem] }), "", "en"))
    return socket.end(
      `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`
    )
  })

const makeServer = () => {
  const server = createServer({
    maxHeaderSize: headerBytes,
    headersTimeout: headersTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: 2000,
    keepAliveTimeout: 5000
  })
  server.setTimeout(idleTimeoutMs)
  return refuseUnparsed(server)
}

/** Listens on a host and port; requests in flight at the end are finished, for at most ten seconds. */
export const layer = (host: string, port: number) =>
  NodeHttpServer.layer(makeServer, { host, port, gracefulShutdownTimeout: "10 seconds" }).pipe(
    mapError(({ cause }: ServeError) => {
      const { code } = cause as NodeJS.ErrnoException
      const problem =
        code === "EADDRINUSE"
          ? `BOOKIO_PROXY_PORT: port ${port} of ${host} is in use; choose another, or 0 for a free one`
          : `BOOKIO_PROXY_HOST and BOOKIO_PROXY_PORT: cannot listen on ${host}, port ${port} (${code})`
      return new SettingsError({ problems: [problem] })
    })
  )
