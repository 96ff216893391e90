/**
 * The load: as many connections as told on plain sockets, one request at a time on each, and no client library whose own
 * work would be measured. At a fixed rate a latency counts from when its request was due, so that a stall is not left out.
 */
import { connect, type Socket } from "node:net"
import { type Booking, bookingOf } from "../Bookings.ts"
import { serve } from "./Serve.ts"

export interface Load {
  /** Where the server listens. */
  readonly origin: string
  /** What is asked for, one after another and over again; `{n}` is a number that was not there before. */
  readonly paths: ReadonlyArray<string>
  /** How far this number and the place in the paths have come. */
  readonly asked?: number
  readonly connections: number
  readonly durationMs: number
  /** Requests a second of all connections together; as fast as it goes where left out. */
  readonly rate?: number
  readonly headers?: { readonly [name: string]: string }
  /** Creates reservations on slots of their own, from this number on, instead of getting. */
  readonly bookings?: { readonly first: number; readonly services: ReadonlyArray<Booking> }
  /** The least bytes of a body, so that an empty answer does not pass for a fast one. */
  readonly leastBytes: number
}

export interface LoadResult {
  readonly count: number
  readonly seconds: number
  readonly p50Ms: number
  readonly p99Ms: number
}

const headEnd = Buffer.from("\r\n\r\n")

interface Answer {
  readonly bytes: number
}

/** Reads answers off a socket: status 200 and a Content-Length, or the load fails. */
const answersOf = (socket: Socket, onAnswer: (answer: Answer) => void, onError: (error: Error) => void) => {
  let head: Buffer | undefined
  let left = 0
  let bytes = 0
  const read = (chunk: Buffer): void => {
    let rest = chunk
    for (;;) {
      if (left > 0) {
        if (rest.length < left) {
          left -= rest.length
          return
        }
        rest = rest.subarray(left)
        left = 0
        onAnswer({ bytes })
      }
      if (rest.length === 0) return
      const whole = head === undefined ? rest : Buffer.concat([head, rest])
      const end = whole.indexOf(headEnd)
      if (end < 0) {
        head = whole
        return
      }
      head = undefined
      const text = whole.toString("latin1", 0, end)
      const length = /^content-length: *(\d+)/im.exec(text)?.[1]
      if (!text.startsWith("HTTP/1.1 200") || length === undefined) {
        onError(new Error(`an answer that was not expected: ${whole.toString("utf8").slice(0, 1000)}`))
        return
      }
      bytes = Number(length)
      left = bytes
      rest = whole.subarray(end + headEnd.length)
    }
  }
  socket.on("data", read)
}

const run = ({
  asked = 0,
  bookings,
  connections,
  durationMs,
  headers = {},
  leastBytes,
  origin,
  paths,
  rate
}: Load): Promise<LoadResult> => {
  const { host, hostname, port } = new URL(origin)
  const lines = [`Host: ${host}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)].join("\r\n")
  const gets = paths.map((path) => Buffer.from(`GET ${path} HTTP/1.1\r\n${lines}\r\n\r\n`))
  const isNumbered = paths.some((path) => path.includes("{n}"))
  const numbered = () =>
    `GET ${paths[next % paths.length]?.replace("{n}", String(next++))} HTTP/1.1\r\n${lines}\r\n\r\n`
  let next = asked
  let booking = bookings?.first ?? 0
  const request = (): Buffer => {
    if (bookings === undefined) return isNumbered ? Buffer.from(numbered()) : (gets[next++ % gets.length] as Buffer)
    const body = JSON.stringify(bookingOf(bookings.services, booking++))
    return Buffer.from(
      `POST ${paths[0]} HTTP/1.1\r\n${lines}\r\nContent-Type: application/json\r\n` +
        `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`
    )
  }
  return new Promise((resolve, reject) => {
    const latencies: Array<number> = []
    const sockets: Array<Socket> = []
    const idle: Array<() => void> = []
    const dues: Array<number> = []
    let busy = 0
    let timer: NodeJS.Timeout | undefined
    let lastMs = 0
    const startedMs = performance.now()
    const endMs = startedMs + durationMs
    const end = (error?: Error) => {
      clearInterval(timer)
      for (const socket of sockets) socket.destroy()
      if (error !== undefined) return reject(error)
      const sorted = Float64Array.from(latencies).sort()
      const at = (q: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * q))] ?? Number.NaN
      resolve({ count: latencies.length, seconds: (lastMs - startedMs) / 1000, p50Ms: at(0.5), p99Ms: at(0.99) })
    }
    const isOver = () => performance.now() >= endMs
    for (let index = 0; index < connections; index++) {
      const socket = connect({ host: hostname, port: Number(port), noDelay: true })
      sockets.push(socket)
      let sinceMs = 0
      const send = () => {
        const due = rate === undefined ? performance.now() : dues.shift()
        if (isOver() || due === undefined) {
          if (!isOver()) idle.push(send)
          else if (busy === 0) end()
          return
        }
        sinceMs = due
        busy++
        socket.write(request())
      }
      answersOf(
        socket,
        ({ bytes }) => {
          busy--
          lastMs = performance.now()
          latencies.push(lastMs - sinceMs)
          if (bytes < leastBytes) return end(new Error(`an answer of ${bytes} bytes, expected ${leastBytes}`))
          send()
        },
        end
      )
      socket.once("error", end)
      socket.once("connect", send)
    }
    if (rate === undefined) return
    let made = 0
    timer = setInterval(() => {
      const nowMs = performance.now()
      if (nowMs >= endMs) {
        clearInterval(timer)
        if (busy === 0) end()
        return
      }
      for (; startedMs + (made * 1000) / rate <= nowMs; made++) {
        dues.push(startedMs + (made * 1000) / rate)
        idle.shift()?.()
      }
    }, 1)
  })
}

serve({ run })
