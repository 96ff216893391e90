/**
 * A server between client and server that makes the weather: each request meets the next fault of a script, on a real
 * socket; when the script is over, the sky is clear. What it forwards takes effect, whatever becomes of the answer.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { setTimeout as sleep } from "node:timers/promises"
import { Effect } from "effect"

/** `…After` and `halfBody`: the server did the work. `late`: it does it after the client has given up. */
export type Fault =
  | "pass"
  | "resetBefore"
  | "resetAfter"
  | "halfBody"
  | "slowAnswer"
  | "late"
  | "htmlBefore"
  | "htmlAfter"
  | "htmlOkAfter"
  | "limited"
  | "unavailable"
  | "internalBefore"
  | "internalAfter"
  | "refusedWithoutCode"
  | "unknownCode"
  | "hugeAfter"
  | "emptyAfter"
  | "redirect"

interface Forwarded {
  readonly status: number
  readonly headers: Headers
  readonly body: Uint8Array
}

const html = "<html><body>502 Bad Gateway</body></html>"
const envelope = (members: object) => JSON.stringify({ result: { success: false, errors: ["It failed"], ...members } })

const bodyOf = async (request: IncomingMessage) => {
  const chunks: Array<Buffer> = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks)
}

export interface FaultOptions {
  readonly upstream: string
  /** How long an answer is held back, and when a late request goes on, in milliseconds. */
  readonly slowMs: number
  readonly lateMs: number
  /** Where `redirect` points to. */
  readonly elsewhere?: string
}

/** Starts it; `faults` is the script, which can be added to. */
export const faultServer = (options: FaultOptions, faults: Array<Fault>) =>
  Effect.acquireRelease(
    Effect.promise(async () => {
      const seen: Array<string> = []
      const forward = async (request: IncomingMessage, body: Buffer): Promise<Forwarded> => {
        const headers = new Headers(request.headers as Record<string, string>)
        for (const name of ["host", "connection", "content-length", "transfer-encoding"]) headers.delete(name)
        const response = await fetch(`${options.upstream}${request.url ?? ""}`, {
          method: request.method ?? "GET",
          headers,
          ...(body.length === 0 ? {} : { body: new Uint8Array(body) })
        })
        return {
          status: response.status,
          headers: response.headers,
          body: new Uint8Array(await response.arrayBuffer())
        }
      }
      const pass = (response: ServerResponse, { body, headers, status }: Forwarded) => {
        for (const name of ["content-type", "date", "x-request-id", "retry-after"]) {
          const value = headers.get(name)
          if (value !== null) response.setHeader(name, value)
        }
        response.writeHead(status).end(body)
      }
      const text = (response: ServerResponse, status: number, body: string, type = "application/json") =>
        response.writeHead(status, { "content-type": type }).end(body)
      const serve: {
        readonly [F in Fault]: (request: IncomingMessage, response: ServerResponse, body: Buffer) => unknown
      } = {
        pass: async (request, response, body) => pass(response, await forward(request, body)),
        resetBefore: (request) => request.socket.resetAndDestroy(),
        resetAfter: async (request, _, body) => {
          await forward(request, body)
          request.socket.resetAndDestroy()
        },
        halfBody: async (request, response, body) => {
          const forwarded = await forward(request, body)
          response.writeHead(forwarded.status, { "content-length": forwarded.body.length })
          response.write(forwarded.body.subarray(0, Math.ceil(forwarded.body.length / 2)), () => response.destroy())
        },
        slowAnswer: async (request, response, body) => {
          const forwarded = await forward(request, body)
          await sleep(options.slowMs)
          pass(response, forwarded)
        },
        late: async (request, response, body) => {
          await sleep(options.lateMs)
          pass(response, await forward(request, body))
        },
        htmlBefore: (_, response) => text(response, 502, html, "text/html"),
        htmlAfter: async (request, response, body) => {
          await forward(request, body)
          text(response, 503, html, "text/html")
        },
        htmlOkAfter: async (request, response, body) => {
          await forward(request, body)
          text(response, 200, html, "text/html")
        },
        limited: (_, response) =>
          response.writeHead(429, { "content-type": "text/html", "retry-after": "0" }).end("slow down"),
        unavailable: (_, response) => text(response, 503, envelope({})),
        internalBefore: (_, response) => text(response, 500, envelope({ errorCode: 666 })),
        internalAfter: async (request, response, body) => {
          await forward(request, body)
          text(response, 500, envelope({ errorCode: 666 }))
        },
        refusedWithoutCode: (_, response) => text(response, 200, envelope({})),
        unknownCode: (_, response) => text(response, 400, envelope({ errorCode: 777 })),
        hugeAfter: async (request, response, body) => {
          await forward(request, body)
          response.writeHead(200, { "content-type": "application/json" })
          const chunk = Buffer.alloc(64 * 1024, 32)
          for (let sent = 0; sent < 10 * 1024 * 1024 && !response.destroyed; sent += chunk.length) {
            if (!response.write(chunk))
              await Promise.race([new Promise((done) => response.once("drain", done)), sleep(50)])
          }
          response.end()
        },
        emptyAfter: async (request, response, body) => {
          await forward(request, body)
          response.writeHead(204).end()
        },
        redirect: (_, response) => response.writeHead(307, { location: `${options.elsewhere ?? ""}/x` }).end()
      }
      const server = createServer(async (request, response) => {
        response.on("error", () => {})
        const fault = faults.shift() ?? "pass"
        seen.push(`${request.method} ${(request.url ?? "").split("?")[0]} ${fault}`)
        try {
          await serve[fault](request, response, await bodyOf(request))
        } catch {
          // A client that has gone away, or a server that has: nothing is left to answer.
          response.destroy()
        }
      })
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
      const { port } = server.address() as AddressInfo
      return { server, seen, baseUrl: `http://127.0.0.1:${port}/public/api/v1` }
    }),
    ({ server }) =>
      Effect.promise(async () => {
        server.closeAllConnections()
        await new Promise((resolve) => server.close(resolve))
      })
  )
