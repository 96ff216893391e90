/** What is read of an answer, and what the lack of one proves. */
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { HttpClientRequest, HttpClientResponse } from "effect/http"
import { maxAnswerBytes, receive, silenceOf } from "../src/Transport.ts"

const request = HttpClientRequest.get("https://bookio.example/")
const answer = (body: ReadableStream<Uint8Array> | null) =>
  receive(HttpClientResponse.fromWeb(request, new Response(body, { status: 200 })))

const kib64 = new Uint8Array(64 * 1024)

describe("receive", () => {
  it.live("stops reading an endless body at its bound, and lets go of it", () =>
    Effect.gen(function* () {
      let pulled = 0
      let isCancelled = false
      const endless = new ReadableStream<Uint8Array>({
        pull: (controller) => {
          pulled += kib64.length
          // An end all the same, should the bound not hold.
          if (pulled > 4 * maxAnswerBytes) controller.close()
          else controller.enqueue(kib64)
        },
        cancel: () => {
          isCancelled = true
        }
      })
      const { bytes, ended } = yield* answer(endless)
      assert.strictEqual(ended, "tooLong")
      assert.isAtMost(bytes.length, maxAnswerBytes)
      assert.isAtMost(pulled, maxAnswerBytes + 4 * kib64.length)
      assert.isTrue(isCancelled)
    })
  )

  it.live("tells a body that broke off from one that ended", () =>
    Effect.gen(function* () {
      const broken = new ReadableStream<Uint8Array>({
        start: (controller) => controller.enqueue(new Uint8Array([123, 125])),
        pull: (controller) => controller.error(new TypeError("terminated"))
      })
      assert.strictEqual((yield* answer(broken)).ended, "cut")
      const none = yield* answer(null)
      assert.deepStrictEqual([none.ended, none.bytes.length], ["whole", 0])
    })
  )
})

describe("silenceOf", () => {
  const cause = (given: object) =>
    Object.assign(new TypeError("fetch failed"), { cause: Object.assign(new Error("x"), given) })
  const table: ReadonlyArray<readonly [unknown, boolean]> = [
    [cause({ code: "ECONNREFUSED", syscall: "connect" }), true],
    [cause({ code: "ENOTFOUND", syscall: "getaddrinfo" }), true],
    [cause({ code: "ETIMEDOUT", syscall: "connect" }), true],
    [cause({ code: "UND_ERR_CONNECT_TIMEOUT" }), true],
    [cause({ code: "CERT_HAS_EXPIRED" }), true],
    [cause({ code: "SELF_SIGNED_CERT_IN_CHAIN" }), true],
    [cause({ code: "ERR_TLS_CERT_ALTNAME_INVALID" }), true],
    [cause({ code: "ETIMEDOUT", syscall: "read" }), false],
    [cause({ code: "ECONNRESET", syscall: "read" }), false],
    [cause({ code: "EPIPE", syscall: "write" }), false],
    [cause({ code: "UND_ERR_SOCKET" }), false],
    [cause({ code: "UND_ERR_HEADERS_TIMEOUT" }), false],
    [new TypeError("Failed to fetch"), false],
    ["nothing", false],
    [undefined, false]
  ]
  for (const [error, unsent] of table) {
    it(`takes ${JSON.stringify((error as { cause?: unknown } | undefined)?.cause ?? String(error))} for ${unsent ? "proof" : "no proof"}`, () => {
      assert.strictEqual(silenceOf(error).unsent, unsent)
    })
  }

  it("ends on a cause that is its own", () => {
    const loop: { cause?: unknown } = {}
    loop.cause = loop
    assert.deepStrictEqual(silenceOf(loop), { unsent: false })
  })
})
