/** A client that is slow, silent or greedy does not hold the server (issue: limits on body, headers and time). Slow: real time-outs pass. */
import { connect, type Socket } from "node:net"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type ProxyProcess, startProxy } from "../../src/Proxy.ts"
import { basePath, seed, send, tokens } from "./Support.ts"

let proxy: ProxyProcess

beforeAll(async () => {
  proxy = await startProxy({ seed })
})
afterAll(() => proxy.stop())

const open = () =>
  new Promise<Socket>((resolve, reject) => {
    const socket = connect(Number(new URL(proxy.url).port), "127.0.0.1", () => resolve(socket))
    socket.once("error", reject)
  })

/** Sends a beginning, then a drop each second for as long as the server listens; what came back, and after how long. */
const drip = async (beginning: string, drop: string) => {
  const socket = await open()
  const startedMs = performance.now()
  socket.write(beginning)
  const dripping = setInterval(() => socket.write(drop), 1000)
  return new Promise<{ text: string; seconds: number }>((resolve) => {
    let text = ""
    socket.on("data", (part) => {
      text += part
    })
    socket.on("error", () => {})
    socket.on("close", () => {
      clearInterval(dripping)
      resolve({ text, seconds: (performance.now() - startedMs) / 1000 })
    })
  })
}

const isServing = async () => {
  const answer = await send(proxy.url, { path: `${basePath}/facilities/cgm` })
  expect(answer.status).toBe(200)
}

const json = "Content-Type: application/json\r\n"
const start = `POST ${basePath}/reservations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${tokens.write}\r\n${json}`
const tooSlow = '{"result":{"success":false,"errors":["The request took too long; try again later"],"errorCode":10}}'

describe.concurrent("a client that", () => {
  it("sends its headers drop by drop is cut off after 10 seconds", async () => {
    const { seconds, text } = await drip("GET /healthz HTTP/1.1\r\nHost: x\r\n", "X-Drop: 1\r\n")
    expect(text).toMatch(/^HTTP\/1\.1 408 /)
    expect(text).toContain(tooSlow)
    expect(seconds).toBeLessThan(16)
  }, 30_000)

  it("sends nothing at all is cut off after 10 seconds", async () => {
    expect((await drip("", "")).seconds).toBeLessThan(16)
  }, 30_000)

  it("sends its body drop by drop is cut off after 20 seconds, with 408 and not with an unknown outcome", async () => {
    const { seconds, text } = await drip(`${start}Content-Length: 1000\r\n\r\n{`, " ")
    expect(text).toMatch(/^HTTP\/1\.1 408 /)
    expect(text).toContain(tooSlow)
    expect(seconds).toBeLessThan(28)
  }, 45_000)

  it("sends its body in chunks drop by drop is cut off too", async () => {
    const { seconds, text } = await drip(`${start}Transfer-Encoding: chunked\r\n\r\n1\r\n{\r\n`, "1\r\n \r\n")
    expect(text).toMatch(/^HTTP\/1\.1 408 /)
    expect(seconds).toBeLessThan(28)
  }, 45_000)

  it("opens a thousand connections and leaves them idle, or half said, does not stop others", async () => {
    const idle = await Promise.all(Array.from({ length: 1000 }, open))
    for (const [index, socket] of idle.entries()) {
      socket.on("error", () => {})
      if (index % 2 === 0) socket.write("GET /healthz HTTP/1.1\r\nHost: x\r\n")
    }
    for (let time = 0; time < 20; time += 1) await isServing()
    for (const socket of idle) socket.destroy()
  }, 30_000)

  it("asks much and reads nothing does not stop others", async () => {
    const socket = await open()
    socket.on("error", () => {})
    socket.pause()
    socket.write("GET /docs HTTP/1.1\r\nHost: x\r\n\r\n".repeat(100))
    for (let time = 0; time < 20; time += 1) await isServing()
    socket.destroy()
  }, 30_000)

  it("goes away in the middle of its body leaves nothing behind", async () => {
    for (let time = 0; time < 50; time += 1) {
      const socket = await open()
      await new Promise((resolve) => socket.write(`${start}Content-Length: 1000\r\n\r\n{`, resolve))
      socket.resetAndDestroy()
    }
    await isServing()
    expect(proxy.stderr()).not.toMatch(/"level":"(?:WARN|ERROR)"/)
  }, 30_000)
})
