/**
 * An `HttpClient` for many small requests: over undici's `dispatch`, with no stream, promise or signal in between where an
 * answer is short, as nearly all of them are; it costs a third of `NodeHttpClient.layerUndici`. It is for clients that trace
 * no requests of their own, as those of this project; all else is sent by another client. `HttpClient.withScope` is not heeded.
 */
import * as Effect from "effect/Effect"
import * as Cookies from "effect/http/Cookies"
import * as Headers from "effect/http/Headers"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientError from "effect/http/HttpClientError"
import type { HttpClientRequest } from "effect/http/HttpClientRequest"
import * as HttpClientResponse from "effect/http/HttpClientResponse"
import * as HttpIncomingMessage from "effect/http/HttpIncomingMessage"
import * as Url from "effect/http/Url"
import * as Inspectable from "effect/Inspectable"
import * as Option from "effect/Option"
import { type Pipeable, pipeArguments } from "effect/Pipeable"
import * as Result from "effect/Result"
import * as Stream from "effect/Stream"

interface Controller {
  abort(reason: Error): void
  pause(): void
  resume(): void
}

type HeaderValues = { readonly [name: string]: string | Array<string> | undefined }

interface Handler {
  onRequestStart(controller: Controller): void
  onResponseStart(controller: Controller, status: number, headers: HeaderValues): void
  onResponseData(controller: Controller, chunk: Uint8Array): void
  onResponseEnd(): void
  onResponseError(controller: Controller, error: Error): void
}

/** What is used of undici's `Dispatcher`. */
export interface Dispatching {
  dispatch(
    options: {
      readonly origin: string
      readonly path: string
      readonly method: HttpClientRequest["method"]
      readonly headers: Record<string, string>
      readonly body: Uint8Array | null
      readonly headersTimeout: number
      readonly bodyTimeout: number
    },
    handler: Handler
  ): boolean
}

// A longer body, and a stream of events, is handed on as it comes.
const longestWhole = 1024 * 1024
// Time-outs are the caller's, as with Effect's own client.
const timeouts = { headersTimeout: 3_600_000, bodyTimeout: 0 }

const ended = new Error("the request was ended")

const together = (chunks: ReadonlyArray<Uint8Array>): Uint8Array<ArrayBuffer> => {
  const bytes = new Uint8Array(chunks.reduce((sum, chunk) => sum + chunk.length, 0))
  let at = 0
  for (const chunk of chunks) {
    bytes.set(chunk, at)
    at += chunk.length
  }
  return bytes
}

/** A body that ended before its end. */
interface Cut {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly cause: Error
}

type Body = Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | Cut

const toPlatform = (body: Body) =>
  "cause" in body ? new ReadableStream<Uint8Array>({ start: (reader) => reader.error(body.cause) }) : body

// While a body is read by way of the platform's response, its answer is not forgotten.
const reading = new WeakMap<HttpClientResponse.HttpClientResponse, Answer>()

/** An answer; what is rarely asked of one comes from the platform's own `Response`. */
class Answer extends Inspectable.Class implements HttpClientResponse.HttpClientResponse, Pipeable {
  readonly [HttpIncomingMessage.TypeId]: typeof HttpIncomingMessage.TypeId = HttpIncomingMessage.TypeId
  readonly [HttpClientResponse.TypeId]: typeof HttpClientResponse.TypeId = HttpClientResponse.TypeId
  readonly request: HttpClientRequest
  readonly url: string
  readonly status: number
  readonly headers: Headers.Headers
  readonly remoteAddress = Option.none<string>()
  readonly #cookies: ReadonlyArray<string>
  readonly #body: Body
  #web: HttpClientResponse.HttpClientResponse | undefined

  constructor(request: HttpClientRequest, url: URL, status: number, headers: HeaderValues, body: Body) {
    super()
    this.request = request
    this.url = url.href.split("#", 1)[0] ?? ""
    this.status = status
    this.headers = Headers.fromInput(headers)
    this.#cookies = [headers["set-cookie"] ?? []].flat()
    this.#body = body
  }

  get whole(): Uint8Array<ArrayBuffer> | undefined {
    return this.#body instanceof Uint8Array ? this.#body : undefined
  }
  get stream(): Stream.Stream<Uint8Array, HttpClientError.HttpClientError> {
    const body = this.#body
    const failed = (cause: unknown) =>
      new HttpClientError.HttpClientError({
        reason: new HttpClientError.DecodeError({ request: this.request, response: this, cause })
      })
    if (body instanceof Uint8Array) return body.length === 0 ? Stream.empty : Stream.make(body)
    if ("cause" in body) return Stream.concat(Stream.make(body.bytes), Stream.fail(failed(body.cause)))
    return Stream.fromReadableStream({ evaluate: () => body, onError: failed })
  }
  get cookies() {
    return Cookies.fromSetCookie(this.#cookies)
  }
  get json() {
    return this.#asWeb.json
  }
  get text() {
    return this.#asWeb.text
  }
  get urlParamsBody() {
    return this.#asWeb.urlParamsBody
  }
  get arrayBuffer() {
    return this.#asWeb.arrayBuffer
  }
  get formData() {
    return this.#asWeb.formData
  }
  get upgrade() {
    return this.#asWeb.upgrade
  }
  get #asWeb() {
    const { status } = this
    const hasBody = status !== 204 && status !== 205 && status !== 304
    if (this.#web === undefined) {
      const source = new Response(hasBody ? toPlatform(this.#body) : null, {
        status,
        headers: Object.entries(this.headers)
      })
      this.#web = HttpClientResponse.fromWeb(this.request, source)
      reading.set(this.#web, this)
    }
    return this.#web
  }

  override toJSON(): unknown {
    return HttpIncomingMessage.inspect(this, {
      _id: "HttpClientResponse",
      request: this.request.toJSON(),
      status: this.status
    })
  }
  pipe() {
    // biome-ignore lint/complexity/noArguments: what `Pipeable` asks for
    return pipeArguments(this, arguments)
  }
}

/** The body of an answer of this client that has come to its end already; at most 1 MiB. */
export const wholeBody = (response: HttpClientResponse.HttpClientResponse): Uint8Array<ArrayBuffer> | undefined =>
  response instanceof Answer ? response.whole : undefined

// A connection waits for whoever reads a long body; where nobody does, it is closed once the answer is forgotten. What came to
// its end is taken out, for all that is in here, with its request and headers, stays until the next great collection.
const forgotten = new FinalizationRegistry<() => void>((end) => end())

interface Told {
  readonly answer: (status: number, headers: HeaderValues, body: Body) => Answer
  readonly succeed: (answer: Answer) => void
  readonly fail: (cause: unknown) => void
}

/** Takes one answer: whole where it is short, else as a stream from where it is known not to be. */
class Exchange implements Handler {
  readonly #told: Told
  #controller: Controller | undefined
  #isOver = false
  #status = 0
  #headers: HeaderValues = {}
  #chunks: Array<Uint8Array> = []
  #length = 0
  #reader: ReadableStreamDefaultController<Uint8Array> | undefined

  constructor(told: Told) {
    this.#told = told
  }

  onRequestStart(controller: Controller) {
    this.#controller = controller
    if (this.#isOver) controller.abort(ended)
  }

  onResponseStart(_: Controller, status: number, headers: HeaderValues) {
    if (status < 200) return
    this.#status = status
    this.#headers = headers
    if (/^text\/event-stream/i.test(String(headers["content-type"]))) this.#stream()
  }

  onResponseData(controller: Controller, chunk: Uint8Array) {
    if (this.#reader !== undefined) {
      this.#reader.enqueue(chunk)
      if ((this.#reader.desiredSize ?? 0) <= 0) controller.pause()
      return
    }
    this.#chunks.push(chunk)
    this.#length += chunk.length
    if (this.#length > longestWhole) this.#stream()
  }

  onResponseEnd() {
    this.#over()
    if (this.#reader !== undefined) return this.#reader.close()
    this.#tell(together(this.#chunks))
  }

  onResponseError(_: Controller, error: Error) {
    if (this.#isOver) return
    this.#over()
    if (this.#status === 0) return this.#told.fail(error)
    // Its head came, so it is an answer whose body fails.
    if (this.#reader === undefined) this.#tell({ bytes: together(this.#chunks), cause: error })
    else this.#reader.error(error)
  }

  /** Ends the request. */
  readonly end = () => {
    if (this.#isOver) return
    this.#over()
    this.#controller?.abort(ended)
  }

  #over() {
    this.#isOver = true
    if (this.#reader !== undefined) forgotten.unregister(this)
  }

  #stream() {
    const chunks = this.#chunks
    this.#chunks = []
    const body = new ReadableStream<Uint8Array>(
      {
        start: (reader) => {
          this.#reader = reader
          for (const chunk of chunks) reader.enqueue(chunk)
        },
        pull: () => this.#controller?.resume(),
        cancel: this.end
      },
      { highWaterMark: longestWhole, size: (chunk) => chunk?.length ?? 0 }
    )
    forgotten.register(this.#tell(body), this.end, this)
  }

  #tell(body: Body): Answer {
    const answer = this.#told.answer(this.#status, this.#headers, body)
    this.#told.succeed(answer)
    return answer
  }
}

const failureOf = (request: HttpClientRequest, cause: unknown) =>
  new HttpClientError.HttpClientError({ reason: new HttpClientError.TransportError({ request, cause }) })

const sent = (
  dispatcher: Dispatching,
  request: HttpClientRequest,
  body: Uint8Array | null
): Effect.Effect<HttpClientResponse.HttpClientResponse, HttpClientError.HttpClientError> => {
  const made = Url.make(request.url, request.urlParams, Option.getOrUndefined(request.hash))
  if (Result.isFailure(made)) {
    return Effect.fail(
      new HttpClientError.HttpClientError({
        reason: new HttpClientError.InvalidUrlError({ request, cause: made.failure })
      })
    )
  }
  const url = made.success
  return Effect.callback((resume) => {
    const exchange = new Exchange({
      answer: (status, headers, body) => new Answer(request, url, status, headers, body),
      succeed: (answer) => resume(Effect.succeed(answer)),
      fail: (cause) => resume(Effect.fail(failureOf(request, cause)))
    })
    const { headers, method } = request
    try {
      dispatcher.dispatch(
        { origin: url.origin, path: url.pathname + url.search, method, headers, body, ...timeouts },
        exchange
      )
    } catch (cause) {
      resume(Effect.fail(failureOf(request, cause)))
    }
    return Effect.sync(exchange.end)
  })
}

/** Makes the client. @param other - sends what is traced, upgraded, or has a body that is neither bytes nor empty. */
export const make = (dispatcher: Dispatching, other: HttpClient.HttpClient): HttpClient.HttpClient =>
  HttpClient.makeWith(
    (asked: Effect.Effect<HttpClientRequest>) =>
      Effect.flatMap(asked, (request) =>
        Effect.withFiber((fiber) => {
          const { body } = request
          const isPlain = body._tag === "Empty" || body._tag === "Uint8Array"
          if (
            !isPlain ||
            request.headers.upgrade !== undefined ||
            !fiber.getRef(HttpClient.TracerDisabledWhen)(request)
          ) {
            return other.execute(request)
          }
          return sent(dispatcher, request, body._tag === "Empty" ? null : body.body)
        })
      ),
    Effect.succeed
  )
