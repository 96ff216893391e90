/** Tests that a connection goes to the addresses that were judged, whatever a name server says a moment later. */

import type { RequestOptions } from "node:https"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { vi } from "vitest"
import * as Sender from "../src/Sender.ts"

const { asked } = vi.hoisted(() => ({ asked: [] as Array<{ readonly url: URL; readonly options: RequestOptions }> }))

vi.mock("node:https", () => ({
  request: (url: URL, options: RequestOptions, answer: (response: unknown) => void) => {
    asked.push({ url, options })
    queueMicrotask(() => answer({ statusCode: 200, headers: {}, once: () => {}, on: () => {}, destroy: () => {} }))
    return { on: () => {}, end: () => {}, destroy: () => {} }
  }
}))

describe("the connection", () => {
  it.live("MUST go to the addresses that were judged, under the host's own name", () =>
    Effect.gen(function* () {
      const answers = [["8.8.8.8", "2606:4700:4700::1111"], ["127.0.0.1"]]
      const resolve = () => Effect.sync(() => answers.shift() ?? [])
      const answer = yield* Effect.flatMap(Sender.Sender, ({ send }) =>
        send({ url: "https://hook.example/in", headers: {}, body: "{}" })
      ).pipe(Effect.provide(Sender.layer({ resolve })))
      assert.deepStrictEqual(answer, { result: "delivered", status: 200 })
      const [request] = asked
      assert.strictEqual(request?.url.hostname, "hook.example")
      assert.strictEqual(request?.options.agent, false)
      const found: Array<unknown> = []
      request?.options.lookup?.("hook.example", { all: true }, (...given) => found.push(given))
      request?.options.lookup?.("hook.example", {}, (...given) => found.push(given))
      assert.deepStrictEqual(found, [
        [
          null,
          [
            { address: "8.8.8.8", family: 4 },
            { address: "2606:4700:4700::1111", family: 6 }
          ]
        ],
        [null, "8.8.8.8", 4]
      ])
    })
  )
})
