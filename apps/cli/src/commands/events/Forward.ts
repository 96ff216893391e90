/** Sends events to a program, each until it is taken. */
import type { Event } from "@bookio-kit/core/event/Event"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { usageError } from "../../Failure.ts"
import { note } from "../../output/Output.ts"

const timeoutMs = 10_000

const isLoopback = (host: string) => host === "localhost" || host === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(host)

/** The URL of a flag. @errors `CommandError` for what is no URL, and for plain http to another machine. */
export const readUrl = (text: string) => {
  const url = URL.parse(text)
  const isFit = url?.protocol === "https:" || (url?.protocol === "http:" && isLoopback(url.hostname))
  return url !== null && isFit
    ? Effect.succeed(url)
    : usageError("--forward-to must be an https URL, or http on this machine", "such as http://127.0.0.1:3000/changes")
}

const post = (url: URL, event: Event) =>
  Effect.tryPromise({
    try: async (signal) => {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", "user-agent": "bookio-kit", "webhook-id": String(event.id) },
        body: JSON.stringify(event),
        redirect: "error",
        signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
      })
      await response.body?.cancel()
      if (!response.ok) throw new Error(`it answered ${response.status}`)
    },
    catch: (error) =>
      error instanceof Error && error.message.startsWith("it answered") ? error.message : "it does not answer"
  })

const firstWaitMs = 500
const longestWaitMs = 60_000

/** Sends an event again and again, up to a minute apart, until it is answered with 2xx; trouble is told once. */
export const forward = Effect.fnUntraced(function* (url: URL, event: Event) {
  for (let waitMs = firstWaitMs; ; waitMs = Math.min(waitMs * 2, longestWaitMs)) {
    const sent = yield* Effect.result(post(url, event))
    if (Result.isSuccess(sent)) {
      if (waitMs > firstWaitMs) yield* note(`bookio: event ${event.id} was taken`)
      return
    }
    if (waitMs === firstWaitMs) yield* note(`bookio: event ${event.id} waits: ${sent.failure}`)
    yield* Effect.sleep(waitMs)
  }
})
