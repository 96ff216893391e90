import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { maxBodyBytes } from "../src/RequestForm.ts"
import { makeServer, newReservation } from "./Support.ts"

const create = { method: "POST", path: "/reservations" }

const refusing = Effect.gen(function* () {
  const server = yield* makeServer({ reservations: { create: () => Effect.die(new Error("the port was reached")) } })
  return server.ask
})

it.effect("MUST tell all problems of path, query and body at once, in that order", () =>
  Effect.gen(function* () {
    const { ask } = yield* makeServer()
    const answer = yield* ask({
      method: "PUT",
      path: "/reservations/0/status?lang=en&lang=en",
      json: { status: "confirmed", cancellationReason: 7 }
    })
    expect(answer.status).toBe(400)
    expect(answer.result).toEqual({
      success: false,
      errors: [
        "reservationId: must be a whole number from 1 to 9007199254740991",
        "lang: must be given only once",
        "status: must be one of CONFIRMED, CANCELLED, DID_NOT_COME",
        "cancellationReason: must be a text"
      ],
      errorCode: 10
    })
  })
)

describe("a body that cannot be read MUST be one problem, beside those of path and query", () => {
  it.effect.each([
    ["no JSON", { body: "{" }, 400, "body: must be valid JSON in UTF-8"],
    ["no UTF-8", { body: new Uint8Array([0x22, 0xc3, 0x28, 0x22]) }, 400, "body: must be valid JSON in UTF-8"],
    ["nothing", { body: "" }, 400, "body: must be valid JSON in UTF-8"],
    [
      "another type",
      { body: "{}", headers: { "content-type": "text/plain" } },
      415,
      "body: must be sent as application/json in UTF-8"
    ],
    [
      "another charset",
      { body: "{}", headers: { "content-type": "application/json; charset=utf-16" } },
      415,
      "body: must be sent as application/json in UTF-8"
    ],
    ["too large", { body: "x".repeat(maxBodyBytes + 1) }, 413, `body: must have at most ${maxBodyBytes} bytes`],
    [
      "too large by its own word",
      { body: "{}", headers: { "content-length": "65537" } },
      413,
      `body: must have at most ${maxBodyBytes} bytes`
    ]
  ] as const)("%s", ([, request, status, text]) =>
    Effect.gen(function* () {
      const ask = yield* refusing
      const answer = yield* ask({ ...create, ...request })
      expect([answer.status, answer.result.errorCode, answer.result.errors]).toEqual([status, 10, [text]])
      expect(answer.headers.get("connection")).toBe(status === 413 ? "close" : null)
      const both = yield* ask({ ...create, ...request, path: "/reservations?lang=x&lang=y" })
      expect([both.status, both.result.errors]).toEqual([status, ["lang: must be given only once", text]])
    })
  )
})

it.effect("MUST accept what is JSON in UTF-8: any spelling of its type, none, a byte order mark, exactly 64 KiB", () =>
  Effect.gen(function* () {
    const { ask } = yield* makeServer()
    const body = JSON.stringify(newReservation)
    for (const type of ["APPLICATION/json", "application/json;charset=utf-8", 'application/json; Charset="UTF-8"']) {
      expect((yield* ask({ ...create, body, headers: { "content-type": type } })).status, type).toBe(200)
    }
    expect((yield* ask({ ...create, body: `\ufeff${body}` })).status).toBe(200)
    expect((yield* ask({ ...create, body: body.padEnd(maxBodyBytes) })).status).toBe(200)
  })
)

it.effect("MUST NOT let a member that the contract does not know, or a name of a prototype, in or out", () =>
  Effect.gen(function* () {
    let given: unknown
    const { ask } = yield* makeServer({
      reservations: {
        create: (reservation) => {
          given = reservation
          return Effect.succeed({ reservationId: 2 as never, secret: "x" } as never)
        }
      }
    })
    const extra = `"extra":1,"__proto__":{"isAdmin":true},"constructor":{"prototype":{}}`
    const answer = yield* ask({ ...create, body: JSON.stringify(newReservation).replace(/\}$/, `,${extra}}`) })
    expect(answer.result).toEqual({ success: true, data: { reservationId: 2 } })
    expect(Object.keys(given as object).sort()).toEqual(Object.keys(newReservation).sort())
    expect(given).not.toHaveProperty("isAdmin")
  })
)
