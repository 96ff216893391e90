/** A receiver of webhooks on loopback, for tests. */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { Effect } from "effect"

/** A request as it came. */
export interface Received {
  readonly headers: IncomingMessage["headers"]
  readonly method: string
  readonly path: string
  readonly body: string
}

/** Listens until the scope closes, and answers as it is told. */
export const receiver = (answer: (response: ServerResponse, received: Received) => void) =>
  Effect.acquireRelease(
    Effect.promise<{ readonly url: string; readonly received: Array<Received>; readonly close: () => void }>(
      () =>
        new Promise((resolve) => {
          const received: Array<Received> = []
          const server = createServer((request, response) => {
            const parts: Array<Buffer> = []
            request.on("data", (part: Buffer) => parts.push(part))
            request.on("end", () => {
              const { headers, method = "", url = "" } = request
              const one = { headers, method, path: url, body: Buffer.concat(parts).toString("utf8") }
              received.push(one)
              answer(response, one)
            })
          })
          server.listen(0, "127.0.0.1", () =>
            resolve({
              url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
              received,
              close: () => {
                server.closeAllConnections()
                server.close()
              }
            })
          )
        })
    ),
    ({ close }) => Effect.sync(close)
  )
