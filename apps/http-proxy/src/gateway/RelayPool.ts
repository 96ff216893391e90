/**
 * What sends the requests of `Relay` on Node: undici's dispatch on a pool of connections of its own, with no stream and no
 * promise in between. Time-outs are timers here, for undici's own are seconds wide.
 */
import type { RelayTransport } from "@bookio-kit/adapter-bookio/Relay"
import { maxAnswerBytes, silenceOf } from "@bookio-kit/adapter-bookio/Transport"
import { type Dispatcher, Pool } from "@effect/platform-node/Undici"
import * as Effect from "effect/Effect"

type Tell = Parameters<RelayTransport["send"]>[1]
type Headers = { readonly [name: string]: string | undefined }

const ended = new Error("the request was ended")

const headersOf = (headers: { readonly [name: string]: string | ReadonlyArray<string> | undefined }): Headers => {
  const flat: { [name: string]: string | undefined } = {}
  for (const name in headers) {
    const value = headers[name]
    flat[name] = typeof value === "object" ? value.join(", ") : value
  }
  return flat
}

const bytesOf = (chunks: ReadonlyArray<Buffer>, length: number): Uint8Array<ArrayBuffer> => {
  const [only] = chunks
  // What undici gives lies in a buffer of Node's, which is no shared one.
  return (only !== undefined && only.length === length ? only : Buffer.concat(chunks, length)) as Buffer<ArrayBuffer>
}

/** Takes one answer, and tells it once. */
class Exchange implements Dispatcher.DispatchHandler {
  readonly #tell: Tell
  readonly #timer: NodeJS.Timeout
  readonly #chunks: Array<Buffer> = []
  #controller: Dispatcher.DispatchController | undefined
  #isOver = false
  #status = 0
  #headers: Headers = {}
  #length = 0

  constructor(tell: Tell, timeoutMs: number) {
    this.#tell = tell
    this.#timer = setTimeout(() => this.#cut("timeout"), timeoutMs)
  }

  onRequestStart(controller: Dispatcher.DispatchController) {
    this.#controller = controller
    if (this.#isOver) controller.abort(ended)
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Parameters<typeof headersOf>[0]) {
    if (status < 200) return
    this.#status = status
    this.#headers = headersOf(headers)
  }

  onResponseData(_: Dispatcher.DispatchController, chunk: Buffer) {
    this.#length += chunk.length
    if (this.#length > maxAnswerBytes) return this.#cut(this.#answer("tooLong"))
    this.#chunks.push(chunk)
  }

  onResponseEnd() {
    this.#end(this.#answer("whole"))
  }

  onResponseError(_: unknown, error: Error) {
    this.#end(this.#status === 0 ? silenceOf(error) : this.#answer("cut"))
  }

  /** Ends the request without telling anything. */
  cancel() {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#controller?.abort(ended)
  }

  #answer(how: "whole" | "cut" | "tooLong") {
    const bytes = bytesOf(how === "tooLong" ? [] : this.#chunks, how === "tooLong" ? 0 : this.#length)
    return { status: this.#status, headers: this.#headers, bytes, ended: how, length: this.#length }
  }

  #cut(told: Parameters<Tell>[0]) {
    if (this.#isOver) return
    this.cancel()
    this.#tell(told)
  }

  #end(told: Parameters<Tell>[0]) {
    if (this.#isOver) return
    this.#isOver = true
    clearTimeout(this.#timer)
    this.#tell(told)
  }
}

/** Opens the pool, which is closed with the scope; none for what is no URL of HTTP, for the client to tell. */
export const make = (baseUrl: string) =>
  Effect.gen(function* () {
    const { origin = "null" } = URL.parse(baseUrl) ?? {}
    if (!origin.startsWith("http")) return undefined
    const pool = yield* Effect.acquireRelease(
      Effect.sync(() => new Pool(origin)),
      (pool) => Effect.promise(() => pool.destroy())
    )
    const transport: RelayTransport = {
      send: ({ headers, timeoutMs, url }, tell) => {
        const exchange = new Exchange(tell, timeoutMs)
        pool.dispatch(
          { method: "GET", path: url.slice(origin.length), headers, headersTimeout: 0, bodyTimeout: 0 },
          exchange
        )
        return () => exchange.cancel()
      },
      isSame: (a, b) => Buffer.compare(a, b) === 0
    }
    return transport
  })
