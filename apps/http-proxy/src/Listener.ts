/** The HTTP listener with its limits: a slow, silent or huge client cannot hold the server. */
import { randomUUID } from "node:crypto"
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { Duplex } from "node:stream"
import { toFailure } from "@bookio-kit/core/api/Envelope"
import { ValidationError } from "@bookio-kit/core/error/Refusal"
import { SettingsError } from "@bookio-kit/core/settings/Settings"
import { about, say } from "@bookio-kit/core/text/Text"
import type { Take } from "@bookio-kit/gateway/Front"
import { inFront } from "@bookio-kit/gateway/InFront"
import { type KnownAnswer, KnownAnswers } from "@bookio-kit/server/KnownAnswers"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as Effect from "effect/Effect"
import * as HttpServer from "effect/http/HttpServer"
import type { ServeError } from "effect/http/HttpServerError"
import * as Layer from "effect/Layer"
import { closeWithin } from "./Drain.ts"
import { mapError } from "./MapError.ts"

// As an import it would load Node's own undici with it, a tenth of the memory at rest.
const { createServer, STATUS_CODES } = process.getBuiltinModule("node:http")

type Known = typeof KnownAnswers.Service

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
  const remember = (request: IncomingMessage, response: ServerResponse) => {
    latest.set(request.socket, response)
  }
  server.on("request", remember)
  server.on("taken", remember)
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

interface Waiting {
  readonly request: IncomingMessage
  readonly response: ServerResponse
  readonly answer: KnownAnswer
}

/**
 * Gives answers that are known before anyone else hears of the request. Whether they still hold is asked once for all requests
 * that were read in one turn of the event loop, after they were read. A server that closes gives none, for its connections end
 * with their answers.
 */
const answerKnown = (server: Server, { find, give, state }: Known): Server => {
  const handOn = server.emit.bind(server)
  let waiting: Array<Waiting> = []
  const answerAll = () => {
    const now = state()
    const ready = waiting
    waiting = []
    for (const { answer, request, response } of ready) {
      const headers = server.listening ? give(answer, now) : undefined
      if (headers === undefined) {
        handOn("request", request, response)
      } else {
        response.writeHead(200, headers)
        response.end(answer.entry.body)
      }
    }
  }
  const waits = (request: IncomingMessage, response: ServerResponse): boolean => {
    const answer = find(request)
    if (answer === undefined) return false
    if (waiting.push({ request, response, answer }) === 1) setImmediate(answerAll)
    return true
  }
  server.emit = (event: string, ...given: Array<unknown>) =>
    (event === "request" && waits(given[0] as IncomingMessage, given[1] as ServerResponse)) || handOn(event, ...given)
  return server
}

const makeServer = (onClose: () => void, known: Known, take: Take | undefined) => {
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
  const bounded = answerKnown(closeWithin(refuseUnparsed(server), { drainMs, onClose, silentMs }), known)
  return take === undefined ? bounded : inFront(bounded, take)
}

/**
 * Listens on a host and port; requests in flight at the end are finished, for at most ten seconds. `onClose` is to end what
 * would not finish by itself. `take` is offered each request first.
 */
export const layer = (host: string, port: number, onClose: () => void, take?: Take) =>
  Layer.unwrap(
    Effect.map(KnownAnswers, (known) =>
      NodeHttpServer.layerServer(() => makeServer(onClose, known, take), { host, port })
    )
  ).pipe(
    // Those of Node would load much of it, for files, programs and terminals that no request has anything to do with.
    Layer.merge(HttpServer.layerServices),
    mapError(({ cause }: ServeError) => {
      const { code } = cause as NodeJS.ErrnoException
      const problem =
        code === "EADDRINUSE"
          ? `BOOKIO_PROXY_PORT: port ${port} of ${host} is in use; choose another, or 0 for a free one`
          : `BOOKIO_PROXY_HOST and BOOKIO_PROXY_PORT: cannot listen on ${host}, port ${port} (${code})`
      return new SettingsError({ problems: [problem] })
    })
  )
