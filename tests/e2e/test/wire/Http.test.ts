/** HTTP itself: methods, paths, content types, bodies, headers; and that texts and unknown members pass through unharmed. */
import { Agent } from "node:http"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type ProxyProcess, startProxy } from "../../src/Proxy.ts"
import { basePath, booking, caller, contractProblems, converse, exchange, seed, send, tokens } from "./Support.ts"

let proxy: ProxyProcess
const call = caller(() => proxy.url)
const reservations = `${basePath}/reservations`

beforeAll(async () => {
  proxy = await startProxy({ seed })
})
afterAll(() => proxy.stop())

const head = (method: string, path: string, ...headers: ReadonlyArray<string>) =>
  [`${method} ${path} HTTP/1.1`, `Host: localhost`, `Authorization: Bearer ${tokens.write}`, ...headers, "", ""].join(
    "\r\n"
  )

const rowsOf = async (query: string) =>
  (await call("GET", `/reservations?${query}`)).result.data?.reservations as ReadonlyArray<{
    [member: string]: unknown
  }>

describe("paths and methods", () => {
  it("answer 404 in the envelope for a broken percent-encoding, dots, and what is nowhere", async () => {
    for (const path of [
      "/%zz",
      `${basePath}/calendars/%E0%A4%A`,
      `${basePath}/calendars/%`,
      "/nowhere",
      "/public/api/v1",
      "/ext/v1"
    ]) {
      const answer = await send(proxy.url, { path })
      expect(answer.status, path).toBe(404)
      expect(contractProblems("GET", path, answer), path).toEqual([])
    }
    for (const path of [`${basePath}/../v1/calendars`, `${basePath}/./calendars`]) {
      const answer = await exchange(proxy.url, head("GET", path, "Connection: close"))
      expect(answer, path).toMatch(/^HTTP\/1.1 404 /)
      expect(answer).toContain('"errorCode":404')
    }
  })

  it("overlook double slashes and a slash at the end, and read a path's encoding", async () => {
    const expected = (await call("GET", "/calendars")).text
    for (const path of [
      `/${basePath}//calendars`,
      `${basePath}/calendars/`,
      `${basePath}/c%61lendars`,
      `${basePath}/calendars?`,
      `${basePath}/calendars?&&`
    ]) {
      const answer = await send(proxy.url, { path })
      expect([answer.status, answer.text], path).toEqual([200, expected])
    }
  })

  it("HEAD is GET without the body; OPTIONS, TRACE and others are 404", async () => {
    const get = await call("GET", "/calendars")
    const answer = await send(proxy.url, { method: "HEAD", path: `${basePath}/calendars` })
    expect([answer.status, answer.text]).toEqual([200, ""])
    expect(answer.headers["content-length"]).toBe(get.headers["content-length"])
    for (const method of ["OPTIONS", "TRACE", "PATCH", "PROPFIND"]) {
      expect((await send(proxy.url, { method, path: `${basePath}/calendars` })).status, method).toBe(404)
    }
    expect(await exchange(proxy.url, head("OPTIONS", "*", "Connection: close"))).toMatch(/^HTTP\/1.1 404 /)
    // A token travels with no answer to a page of another origin.
    expect(answer.headers).not.toHaveProperty("access-control-allow-origin")
  })

  it("health needs no token, and says no more than it must", async () => {
    for (const [path, text] of [
      ["/healthz", '{"status":"ok"}'],
      ["/readyz", '{"status":"ready"}']
    ] as const) {
      const answer = await send(proxy.url, { path, token: null })
      expect([answer.status, answer.text]).toEqual([200, text])
    }
  })

  it("an offer of HTTP/2 or of a web socket is declined by answering in HTTP/1.1, with a body too", async () => {
    const upgrade = ["Connection: Upgrade, HTTP2-Settings", "HTTP2-Settings: AAMAAABkAAQAoAAAAAIAAAAA"]
    const body = JSON.stringify(booking("2032-01-05T10:00"))
    const chunked = `${body.length.toString(16)}\r\n${JSON.stringify(booking("2032-01-05T11:00")).padEnd(body.length)}\r\n0\r\n\r\n`
    const json = "Content-Type: application/json"
    const requests = [
      head("GET", `${basePath}/facilities/cgm`, ...upgrade, "Upgrade: h2c"),
      head("GET", `${basePath}/facilities/cgm`, ...upgrade, "Upgrade: websocket"),
      head("POST", reservations, ...upgrade, "Upgrade: h2c", json, `Content-Length: ${body.length}`) + body,
      head("POST", reservations, ...upgrade, "Upgrade: h2c", json, "Transfer-Encoding: chunked") + chunked,
      head("GET", "/healthz", "Connection: close")
    ]
    // One after the other on one connection, as clients do that offer HTTP/2.
    const answer = await converse(proxy.url, requests)
    expect(answer.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(5)
    expect(answer).not.toContain("101 Switching")
  })
})

describe("bodies", () => {
  let hour = 0
  const slot = () => {
    hour += 1
    return `2032-02-${String(1 + Math.floor(hour / 20)).padStart(2, "0")}T${String(hour % 20).padStart(2, "0")}:00`
  }
  const post = (body: string | Uint8Array, headers: { readonly [name: string]: string } = {}) =>
    call("POST", "/reservations", undefined, { body, headers: { "content-type": "application/json", ...headers } })
  const valid = () => JSON.stringify(booking(slot()))

  it("are JSON in UTF-8, whether the content type says so in one way or another, or not at all", async () => {
    for (const type of [
      "application/json",
      "Application/JSON",
      "application/json;charset=UTF-8",
      'application/json; charset="utf-8"',
      "application/json ;"
    ]) {
      expect((await post(valid(), { "content-type": type })).status, type).toBe(200)
    }
    expect((await call("POST", "/reservations", undefined, { body: valid() })).status).toBe(200)
    expect((await post(`\ufeff${valid()}`)).status).toBe(200)
    for (const type of [
      "text/plain",
      "application/x-www-form-urlencoded",
      "multipart/form-data; boundary=x",
      "application/json; charset=latin1",
      "application/problem+json",
      "application/json, text/plain",
      ""
    ]) {
      const answer = await post(valid(), { "content-type": type })
      expect([answer.status, answer.result.errorCode, answer.result.errors], type).toEqual([
        415,
        10,
        ["body: must be sent as application/json in UTF-8"]
      ])
    }
  })

  it("that are none are code 10", async () => {
    for (const body of [
      "",
      "{",
      "{'a':1}",
      "NaN",
      '{"a":1,}',
      new Uint8Array([0x22, 0xff, 0x22]),
      new Uint8Array([0xff, 0xfe, 0x7b, 0, 0x7d, 0])
    ]) {
      const answer = await post(body)
      expect([answer.status, answer.result.errorCode, answer.result.errors]).toEqual([
        400,
        10,
        ["body: must be valid JSON in UTF-8"]
      ])
    }
    for (const body of ["null", "[]", "7", '"text"', "true"]) {
      expect((await post(body)).result.errors, body).toEqual(["body: must be an object"])
    }
  })

  it("nested 30,000 deep are refused or overlooked, like any other", async () => {
    const deep = `${"[".repeat(30_000)}${"]".repeat(30_000)}`
    expect((await post(deep)).result.errors).toEqual(["body: must be an object"])
    expect((await post(valid().replace(/\}$/, `,"note":${deep}}`))).result.errors).toEqual(["note: must be a text"])
    expect((await post(valid().replace(/\}$/, `,"unknown":${deep}}`))).result.success).toBe(true)
    expect((await post(`${'{"name":'.repeat(7000)}1${"}".repeat(7000)}`)).result.errors).toContain(
      "name: must be a text"
    )
  })

  it("may have members that the contract does not know", async () => {
    const extra = '"extra":{"a":[1]},"__proto__":{"name":7},"constructor":{"prototype":1},"toString":2,"id":"x"'
    const answer = await post(valid().replace(/\}$/, `,${extra}}`))
    expect(answer.result.success).toBe(true)
    const polluted = await post('{"__proto__":{"name":"x","surname":"y"}}')
    expect(polluted.result.errors).toContain("name: is required")
  })

  it("of 64 KiB are read, one byte more is 413, with its length told or not, and the connection ends", async () => {
    const most = 64 * 1024
    expect((await post(valid().padEnd(most))).status).toBe(200)
    expect((await post(valid().padEnd(most), { "transfer-encoding": "chunked" })).status).toBe(200)
    for (const size of [most + 1, 10 * 1024 * 1024]) {
      for (const headers of [{}, { "transfer-encoding": "chunked" }] as const) {
        const answer = await post(valid().padEnd(size), headers)
        expect([answer.status, answer.result.errorCode, answer.result.errors]).toEqual([
          413,
          10,
          ["body: must have at most 65536 bytes"]
        ])
        expect(answer.headers.connection).toBe("close")
      }
    }
  })

  it("of 10 MiB cannot hold a connection, whoever sends them and wherever to", async () => {
    const body = "x".repeat(10 * 1024 * 1024)
    const type = { "content-type": "application/json" }
    const length = { "content-length": String(body.length) }
    expect((await call("POST", "/reservations", undefined, { body, headers: type, token: null })).status).toBe(401)
    expect((await call("POST", "/nowhere", undefined, { body, headers: type })).status).toBe(404)
    expect((await call("GET", "/facilities/cgm", undefined, { body, headers: length })).status).toBe(200)
  })

  it("with Expect: 100-continue are asked for, and another expectation is overlooked", async () => {
    const body = valid()
    const headers = ["Content-Type: application/json", `Content-Length: ${body.length}`, "Connection: close"]
    const told = await converse(proxy.url, [head("POST", reservations, "Expect: 100-continue", ...headers), body])
    expect(told).toMatch(/^HTTP\/1\.1 100 Continue\r\n\r\nHTTP\/1\.1 200 OK/)
    const other = valid()
    const length = `Content-Length: ${other.length}`
    const answer = await exchange(
      proxy.url,
      head("POST", reservations, "Expect: tea", headers[0] ?? "", length, "Connection: close") + other
    )
    expect(answer).toMatch(/^HTTP\/1\.1 200 OK[\s\S]*"reservationId"/)
  })
})

describe("connections", () => {
  it("answer pipelined requests in their order", async () => {
    const ids = Array.from({ length: 40 }, (_, index) => `pipelined-${index}`)
    const sent = ids.map((id, index) =>
      head("GET", index % 2 === 0 ? "/healthz" : `${basePath}/calendars`, `X-Request-Id: ${id}`)
    )
    const text = await exchange(proxy.url, sent.join("") + head("GET", "/healthz", "Connection: close"))
    expect(text.match(/(?<=x-request-id: )pipelined-\d+/gi)).toEqual(ids)
  })

  it("never answer garbage in the place of a write before it", async () => {
    const body = JSON.stringify(booking("2032-03-01T10:00"))
    const write = head("POST", reservations, "Content-Type: application/json", `Content-Length: ${body.length}`) + body
    const text = await exchange(proxy.url, `${write}garbage\r\n\r\n`)
    expect(text.match(/^HTTP.*$/gm)).toEqual(["HTTP/1.1 200 OK"])
    expect(await rowsOf("from=2032-03-01&to=2032-03-01")).toHaveLength(1)
  })

  it("refuse what is no HTTP in the envelope", async () => {
    for (const bytes of [
      "garbage\r\n\r\n",
      head("GET", "/healthz", "Content-Length: x"),
      `${head("POST", reservations, "Content-Length: 5", "Transfer-Encoding: chunked")}0\r\n\r\n`,
      head("GET", "/healthz", "Bad Header: 1"),
      `\u0016\u0003\u0001\u0002\u0000\u0001\u0000`
    ]) {
      const text = await exchange(proxy.url, bytes)
      const [start = "", body = ""] = text.split("\r\n\r\n")
      expect(start).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/)
      expect(start).toMatch(/\r\nX-Request-Id: [0-9a-f-]{36}\r\n/)
      expect(JSON.parse(body)).toEqual({ result: { success: false, errors: ["request: is not valid"], errorCode: 10 } })
    }
  })

  it("headers or a path of 20 KiB are 431 in the envelope", async () => {
    for (const bytes of [
      head("GET", "/healthz", `X-Large: ${"x".repeat(20_480)}`),
      head("GET", `/${"x".repeat(20_480)}`)
    ]) {
      const text = await exchange(proxy.url, bytes)
      expect(text).toMatch(/^HTTP\/1\.1 431 /)
      expect(text).toContain('"errors":["headers: must have at most 16384 bytes"],"errorCode":10')
    }
  })

  it("are kept for the next request, after a refusal too", async () => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    const ports = new Set<number | undefined>()
    agent.on("free", (socket) => ports.add(socket.localPort))
    for (const [path, token] of [
      ["/calendars", tokens.write],
      ["/nowhere", tokens.write],
      ["/calendars", null],
      ["/calendars?date=x", tokens.write]
    ] as const) {
      await send(proxy.url, { path: `${basePath}${path}`, token }, agent)
    }
    agent.destroy()
    expect(ports.size).toBe(1)
  })
})

it("texts are kept verbatim: SQL, HTML, quotes, emoji, right to left, combining, odd spaces", async () => {
  const texts = [
    "'; DROP TABLE reservation; --",
    '<script>alert("x")</script><img src=x onerror=alert(1)>',
    "Robert\\'); \\n \\u0041 %s %00 $x {{x}}",
    "👩‍👩‍👧‍👦 Zoë 🇸🇰",
    "שלום עולם \u202Eabc\u202C مرحبا",
    "e\u0301 vs é \u00a0\u2003\u200b\ufeff end ",
    "\u0001\u001f\u007f\u2028\u2029\r\n\t"
  ]
  for (const [index, text] of texts.entries()) {
    const email = `verbatim.${index}@example.com`
    const dateFrom = `2032-04-0${index + 1}T10:00`
    const made = await call(
      "POST",
      "/reservations",
      booking(dateFrom, { name: `${text}x`, surname: `${text}y`, note: text, email })
    )
    expect(made.result.success, text).toBe(true)
    await call("PUT", `/reservations/${made.result.data?.reservationId}/status`, {
      status: "CANCELLED",
      cancellationReason: text
    })
    const [row] = await rowsOf(`email=${email}`)
    expect([row?.name, row?.note, row?.cancellationReason]).toEqual([`${text}x ${text}y`, text, text])
  }
  // As a search it is just a text too.
  expect(await rowsOf(`email=${encodeURIComponent("' OR 1=1 --")}`)).toEqual([])
  expect(await rowsOf(`number=${encodeURIComponent("%_'")}`)).toEqual([])
})
