/** What sends the requests of a relay in tests: node:http, one connection for each. */
import { get } from "node:http"
import type { RelayTransport } from "@bookio-kit/adapter-bookio/Relay"
import { silenceOf } from "@bookio-kit/adapter-bookio/Transport"
import { type Clock, Duration, Effect } from "effect"

/** Sends, by the time of a clock, and counts what was sent. */
export const relayTransport = (clock: Clock.Clock): RelayTransport & { readonly sent: () => number } => {
  let sent = 0
  return {
    sent: () => sent,
    isSame: (a, b) => Buffer.compare(a, b) === 0,
    send: ({ headers, timeoutMs, url }, tell) => {
      sent += 1
      const chunks: Array<Buffer> = []
      const request = get(url, { headers, agent: false })
      const endLimit = Effect.runCallback(clock.sleep(Duration.millis(timeoutMs)), {
        onExit: ({ _tag }) => {
          if (_tag === "Failure") return
          request.destroy()
          once("timeout")
        }
      })
      let isOver = false
      const once: typeof tell = (answer) => {
        endLimit()
        if (!isOver) tell(answer)
        isOver = true
      }
      request.once("error", (error) => once(silenceOf(error)))
      request.once("response", (response) => {
        const end = (ended: "whole" | "cut") => {
          const bytes = new Uint8Array(Buffer.concat(chunks))
          const given = Object.entries(response.headers).map(([name, value]) => [name, String(value)])
          const status = response.statusCode ?? 0
          once({ status, headers: Object.fromEntries(given), bytes, ended, length: bytes.length })
        }
        response.on("data", (chunk: Buffer) => chunks.push(chunk))
        response.once("end", () => end(response.complete ? "whole" : "cut"))
        response.once("error", () => end("cut"))
      })
      return () => {
        isOver = true
        endLimit()
        request.destroy()
      }
    }
  }
}
