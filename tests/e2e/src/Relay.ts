/**
 * A server between a client and another server, over http on this machine: it notes every request, and can pretend that the
 * clock of the server behind it is off.
 */
import {
  Agent,
  createServer,
  type IncomingHttpHeaders,
  type IncomingMessage,
  request,
  type ServerResponse
} from "node:http"
import type { AddressInfo } from "node:net"

/** One request that went through, with the status of its answer. */
export interface Relayed {
  readonly method: string
  /** Path and query. */
  readonly path: string
  readonly status: number
}

export interface Relay {
  readonly url: string
  readonly requests: Array<Relayed>
  /** Those that change something, by their method. */
  readonly changes: () => ReadonlyArray<Relayed>
  /** Sets how far the clock of the server behind it seems to be ahead, in milliseconds. */
  readonly setClock: (aheadMs: number) => void
  /** From now on holds back requests that are so, before they are passed on; done when it holds the first. */
  readonly hold: (holds: (request: Omit<Relayed, "status">) => boolean) => Promise<void>
  /** Passes on what it holds back, and all that comes. */
  readonly release: () => void
  readonly close: () => void
}

const reading = new Set(["GET", "HEAD", "OPTIONS", "PROPFIND", "REPORT"])

/** A server's own clock is in what it says of it and in what it is asked by it. */
const askedBy = (path: string, aheadMs: number): string =>
  path.replace(/([?&]lastSync=)(\d+)/, (_, name: string, value: string) => `${name}${Number(value) - aheadMs}`)

/** Starts one in front of a server. @param target - its origin. */
export const startRelay = async (target: string): Promise<Relay> => {
  const agent = new Agent({ keepAlive: true })
  const requests: Array<Relayed> = []
  let clockMs = 0
  const shifted = (headers: IncomingHttpHeaders) =>
    clockMs === 0 || headers.date === undefined
      ? headers
      : { ...headers, date: new Date(Date.parse(headers.date) + clockMs).toUTCString() }
  let holds: (request: Omit<Relayed, "status">) => boolean = () => false
  let onHeld = () => {}
  const held: Array<() => void> = []
  const server = createServer((asked, answer) => {
    const { method = "GET", url: path = "/" } = asked
    if (!holds({ method, path })) return pass(asked, answer)
    held.push(() => pass(asked, answer))
    onHeld()
  })
  const pass = (asked: IncomingMessage, answer: ServerResponse) => {
    const { headers, method = "GET", url: path = "/" } = asked
    // Who asked is gone, and with that what was asked.
    if (asked.socket.destroyed) return
    const sent = request(
      new URL(askedBy(path, clockMs), target),
      { method, agent, headers: { ...headers, host: new URL(target).host } },
      (response) => {
        const { statusCode: status = 0 } = response
        requests.push({ method, path, status })
        answer.writeHead(status, shifted(response.headers))
        response.pipe(answer)
      }
    )
    // As if the line were cut.
    sent.once("error", () => answer.destroy())
    asked.pipe(sent)
  }
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests,
    changes: () => requests.filter(({ method }) => !reading.has(method)),
    setClock: (aheadMs) => {
      clockMs = aheadMs
    },
    hold: (which) => {
      holds = which
      return new Promise((resolve) => {
        onHeld = resolve
      })
    },
    release: () => {
      holds = () => false
      for (const one of held.splice(0)) one()
    },
    close: () => {
      server.closeAllConnections()
      server.close()
      agent.destroy()
    }
  }
}
