/**
 * Sends one message: resolves the host, refuses it unless each of its addresses is public, and connects to just these
 * addresses, so that another answer of the name server a moment later changes nothing. Redirects are not followed, and no
 * proxy of the environment is used.
 */
import { promises as dns } from "node:dns"
import type { IncomingMessage } from "node:http"
import { isIP, isIPv6, type LookupFunction } from "node:net"
import type { AttemptResult } from "@bookio-kit/core/webhook/Webhook"
import { isLoopbackHost, LoopbackAllowed } from "@bookio-kit/core/webhook/WebhookUrl"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { isPublicAddress } from "./Address.ts"

// Loaded when something is sent: TLS, and Node's own undici with it, would else be in each server that sends nothing.
const loadClient = (url: URL) =>
  Effect.promise(() => (url.protocol === "https:" ? import("node:https") : import("node:http")))

/** A message as it is sent. */
export interface Message {
  readonly url: string
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

/** How an attempt ended. */
export interface Answer {
  readonly result: AttemptResult
  /** The HTTP status, where there was an answer. */
  readonly status?: number
  /** How long the receiver asked to be left alone, in milliseconds. */
  readonly retryAfterMs?: number
}

export class Sender extends Context.Service<Sender, { readonly send: (message: Message) => Effect.Effect<Answer> }>()(
  "@bookio-kit/webhooks/Sender"
) {}

export interface SenderOptions {
  /** How long an attempt may take, from the question to the name server to the head of the answer; 10 seconds. */
  readonly timeout?: Duration.Input
  /** The addresses of a host, none where it has none; the machine's name servers where left out. */
  readonly resolve?: (host: string) => Effect.Effect<ReadonlyArray<string>>
}

// What is read of an answer's body, which says nothing to us: a client that hangs up early may count as failed over there.
const maxBodyBytes = 16 * 1024
const maxBodyMs = 1000

/** Asks the name servers for IPv4 and IPv6 addresses; a hosts file is for this machine and not for the world. */
const resolvePublicly = (host: string): Effect.Effect<ReadonlyArray<string>> =>
  Effect.callback((resume) => {
    const resolver = new dns.Resolver({ timeout: 3000, tries: 2 })
    const none = (): ReadonlyArray<string> => []
    void Promise.all([resolver.resolve4(host).catch(none), resolver.resolve6(host).catch(none)]).then((found) =>
      resume(Effect.succeed(found.flat()))
    )
    return Effect.sync(() => resolver.cancel())
  })

const loopbackAddresses: { readonly [host: string]: ReadonlyArray<string> } = {
  localhost: ["127.0.0.1", "::1"],
  "127.0.0.1": ["127.0.0.1"],
  "[::1]": ["::1"]
}

// `Retry-After` is seconds or a date (RFC 9110).
const retryAfterOf = (header: string | undefined, nowMs: number): number | undefined => {
  if (header === undefined) return undefined
  const ms = /^\d{1,9}$/.test(header) ? Number(header) * 1000 : Date.parse(header) - nowMs
  return ms > 0 ? ms : undefined
}

/** Discards the body within bounds, and ends the connection. */
const discard = (response: IncomingMessage) => {
  let bytes = 0
  const timer = setTimeout(() => response.destroy(), maxBodyMs)
  response.once("close", () => clearTimeout(timer))
  response.on("error", () => {})
  response.on("data", (chunk: Buffer) => {
    bytes += chunk.length
    if (bytes > maxBodyBytes) response.destroy()
  })
}

const post = (
  client: Effect.Success<ReturnType<typeof loadClient>>,
  url: URL,
  addresses: ReadonlyArray<string>,
  { body, headers }: Message,
  nowMs: number
) =>
  Effect.callback<Answer>((resume) => {
    const found = addresses.map((address) => ({ address, family: isIPv6(address) ? 6 : 4 }))
    const [first] = found
    const lookup: LookupFunction = (_host, { all }, callback) =>
      all === true ? callback(null, found) : callback(null, first?.address ?? "", first?.family)
    // No agent: each message has a connection of its own, to the addresses that were judged for it.
    const request = client.request(
      url,
      {
        method: "POST",
        agent: false,
        lookup,
        headers: {
          ...headers,
          "content-type": "application/json",
          "content-length": String(Buffer.byteLength(body)),
          "user-agent": "bookio-kit"
        }
      },
      (response) => {
        const status = response.statusCode ?? 0
        const retryAfterMs = retryAfterOf(response.headers["retry-after"], nowMs)
        discard(response)
        resume(
          Effect.succeed({
            result: status >= 200 && status < 300 ? "delivered" : "refused",
            status,
            ...(retryAfterMs === undefined || (status !== 429 && status !== 503) ? {} : { retryAfterMs })
          })
        )
      }
    )
    // A second error after the first changes nothing: what was resumed stays.
    request.on("error", () => resume(Effect.succeed({ result: "unreachable" })))
    request.end(body)
    return Effect.sync(() => request.destroy())
  })

/** Sends over HTTP; to loopback only where `LoopbackAllowed` says so. */
export const layer = ({ resolve = resolvePublicly, timeout = "10 seconds" }: SenderOptions = {}) =>
  Layer.effect(Sender)(
    Effect.gen(function* () {
      const allowsLoopback = yield* LoopbackAllowed
      const addressesOf = (url: URL): Effect.Effect<ReadonlyArray<string> | "forbidden"> => {
        const host = url.hostname
        if (isLoopbackHost(host)) {
          return Effect.succeed(allowsLoopback ? (loopbackAddresses[host] ?? "forbidden") : "forbidden")
        }
        if (url.protocol !== "https:") return Effect.succeed("forbidden")
        const literal = host.replace(/^\[|\]$/g, "")
        return Effect.map(isIP(literal) === 0 ? resolve(host) : Effect.succeed([literal]), (addresses) =>
          addresses.every(isPublicAddress) ? addresses : "forbidden"
        )
      }
      return Sender.of({
        send: Effect.fn("Sender.send")(
          function* (message): Effect.fn.Return<Answer> {
            const url = URL.parse(message.url)
            if (url === null) return { result: "unreachable" }
            const addresses = yield* addressesOf(url)
            if (addresses === "forbidden") return { result: "forbidden" }
            if (addresses.length === 0) return { result: "unreachable" }
            return yield* post(yield* loadClient(url), url, addresses, message, yield* Clock.currentTimeMillis)
          },
          Effect.timeoutOrElse({
            duration: timeout,
            orElse: (): Effect.Effect<Answer> => Effect.succeed({ result: "timeout" })
          })
        )
      })
    })
  )
