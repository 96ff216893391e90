import { createServer, type IncomingMessage, type Server } from "node:http"
import { connect, type Socket } from "node:net"
import { assert, describe, it, onTestFinished } from "@effect/vitest"
import { closeWithin, type DrainOptions } from "../src/Drain.ts"

/** A server that answers nothing, its port, and what it was asked. */
const serve = (options: DrainOptions) =>
  new Promise<{ readonly server: Server; readonly port: number; readonly asked: Promise<IncomingMessage> }>(
    (resolve) => {
      // Without the limits under test it would wait for ever.
      const server = closeWithin(createServer({ headersTimeout: 0, requestTimeout: 0, keepAliveTimeout: 0 }), options)
      const asked = new Promise<IncomingMessage>((found) => server.once("request", found))
      server.listen(0, "127.0.0.1", () => {
        const address = server.address() as { readonly port: number }
        resolve({ server, port: address.port, asked })
      })
    }
  )

const open = (port: number) =>
  new Promise<Socket>((resolve) => {
    const socket = connect(port, "127.0.0.1", () => resolve(socket))
    socket.on("error", () => {})
    onTestFinished(() => {
      socket.destroy()
    })
  })

const closed = (server: Server) => new Promise<unknown>((resolve) => server.close(resolve))

const hourMs = 3_600_000

describe("closeWithin", () => {
  it("MUST end a connection that has sent nothing", async () => {
    const { port, server } = await serve({ silentMs: 1, drainMs: hourMs })
    const accepted = new Promise((resolve) => server.once("connection", resolve))
    await open(port)
    await accepted
    assert.isUndefined(await closed(server))
  })

  it("MUST cut a request that is never finished", async () => {
    const { asked, port, server } = await serve({ silentMs: 1, drainMs: 5 })
    const socket = await open(port)
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n{")
    await asked
    assert.isUndefined(await closed(server))
  })

  it("MUST let a request in flight have its answer, and end its connection with it", async () => {
    const { asked, port, server } = await serve({ silentMs: 1, drainMs: hourMs })
    server.on("request", (request, response) => {
      request.resume().once("end", () => response.end("done"))
    })
    const silent = await open(port)
    const socket = await open(port)
    socket.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\n\r\nab")
    await asked
    const ended = closed(server)
    // The time for connections without a request is over.
    await new Promise((resolve) => silent.once("close", resolve))
    socket.write("cd")
    const answer = await new Promise<string>((resolve) => socket.setEncoding("utf8").once("data", resolve))
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n/)
    assert.match(answer, /^connection: close\r$/im)
    assert.isUndefined(await ended)
  })

  it("MUST tell answers without an end that it closes, and end their kept connections with them", async () => {
    let end = () => {}
    const { asked, port, server } = await serve({ silentMs: 1, drainMs: hourMs, onClose: () => end() })
    server.on("request", (_, response) => {
      response.write("begun")
      end = () => response.end()
    })
    const socket = await open(port)
    socket.write("GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    await asked
    await new Promise((resolve) => socket.once("data", resolve))
    assert.isUndefined(await closed(server))
  })
})
