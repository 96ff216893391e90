import { createServer, type Server } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it, onTestFinished } from "@effect/vitest"
import { base, booking, clinic, idsOf, makeClient, seedOf, start } from "./Support.ts"

const clinics = seedOf(clinic("Clinic", "Europe/Bratislava", [{ name: "Exam", duration: 60, capacity: 1 }]))
const seed = {
  ...clinics,
  channels: clinics.channels.map((channel) => ({
    ...channel,
    tokens: [...channel.tokens, { token: `Quokka-admin-${channel.name}`, access: "admin" }]
  }))
}
const admin = "Quokka-admin-cgm"

// Strings that stand nowhere but in the requests of these tests.
const secrets = ["Quokka", "quokka", "421907654321", "907654321", "987654321"]
const person = {
  name: "QuokkaName",
  surname: "QuokkaSurname",
  email: "quokka.email@example.com",
  phone: "+421907654321",
  note: "QuokkaNote",
  externalId: 987654321
}

const holdsNoSecret = (text: string, where: string) => {
  for (const secret of secrets) assert.notInclude(text, secret, where)
}

interface Exported {
  readonly path: string
  readonly key: string | undefined
  readonly text: string
}

/** A collector on loopback that keeps what it gets. */
const collector = async () => {
  const exports: Array<Exported> = []
  const server: Server = createServer((request, response) => {
    let text = ""
    request.setEncoding("utf8").on("data", (part: string) => {
      text += part
    })
    request.on("end", () => {
      exports.push({ path: request.url ?? "", key: request.headers["x-key"]?.toString(), text })
      response.end("{}")
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => void server.close())
  return { exports, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` }
}

/** Every operation and outcome with planted data in it: succeeding, refused, of the wrong form, not found, broken. */
const use = async (url: string, filename: string) => {
  const client = makeClient(url, admin)
  const ids = await idsOf(client)
  const good = {
    ...booking(1, ids.facility("Clinic"), await ids.service("Clinic", "Exam"), "2030-05-06T10:00:00"),
    ...person
  }
  const post = (body: unknown, path = "/reservations") =>
    client.send("POST", base + path, body, { "idempotency-key": "Quokka-key", "user-agent": "Quokka-agent" })
  const created = await post(good)
  const id = created.result.data?.reservationId
  const codes = [
    await post(good),
    await post({ ...good, externalId: 987654322 }),
    await client.send("POST", `${base}/reservations?lang=Quokka`, good),
    await post({ ...good, email: "quokka at nowhere", phone: "call Quokka" }),
    await client.send("GET", `${base}/reservations?email=${person.email}&number=Quokka`),
    await client.send("PUT", `${base}/reservations/987654321/status`, { status: "CANCELLED" }),
    await client.send("PUT", `${base}/reservations/${id}/status`, {
      status: "CANCELLED",
      cancellationReason: "QuokkaReason"
    }),
    await client.send("GET", `${base}/Quokka/quokka.email@example.com?phone=%2B421907654321`),
    await client.send("GET", `${base}/facilities/cgm`, undefined, { authorization: "Bearer QuokkaWrong" })
  ].map(({ result }) => result.errorCode)
  assert.deepStrictEqual(codes, [undefined, 10, 40, 10, undefined, 12, undefined, 404, 20])
  const intruder = new DatabaseSync(filename)
  intruder.exec("ALTER TABLE reservation RENAME TO moved")
  assert.strictEqual((await post({ ...good, externalId: 987654323 }, "/reservations?lang=Quokka")).result.errorCode, 10)
  const broken = await client.send("POST", `${base}/reservations`, { ...good, externalId: 987654324 })
  assert.strictEqual(broken.result.errorCode, 666)
  intruder.exec("ALTER TABLE moved RENAME TO reservation")
  intruder.close()
  return client
}

describe("OTLP", () => {
  it("MUST carry spans and metrics to the collector, and nothing of a person", async () => {
    const { exports, url } = await collector()
    const env = {
      BOOKIO_LOG_LEVEL: "debug",
      OTEL_EXPORTER_OTLP_ENDPOINT: url,
      OTEL_EXPORTER_OTLP_HEADERS: "x-key=let%20me%20in"
    }
    const proxy = await start({ seed, env })
    await use(proxy.url, join(proxy.folder, "data", "bookio.db"))
    assert.deepStrictEqual(await proxy.stop(), { code: 0, signal: null })
    const textOf = (path: string) =>
      exports
        .filter((one) => one.path === path)
        .map(({ text }) => text)
        .join("\n")
    assert.deepStrictEqual(new Set(exports.map(({ path }) => path)), new Set(["/v1/traces", "/v1/metrics"]))
    assert.isTrue(exports.every(({ key }) => key === "let me in"))
    const traces = textOf("/v1/traces")
    for (const expected of [
      '"Reservations.create"',
      '"Writes.run"',
      '"/public/api/v1/reservations/:reservationId/status"',
      '"http.response.status_code"',
      '"exception.message"'
    ]) {
      assert.include(traces, expected)
    }
    for (const name of ["db.query.text", "url.", "client.address", "user_agent", "http.request.header", "SELECT "]) {
      assert.notInclude(traces, name)
    }
    assert.include(textOf("/v1/metrics"), '"bookio_requests_total"')
    for (const { path, text } of exports) holdsNoSecret(text, path)
    holdsNoSecret(proxy.stderr(), "stderr")
  })

  it("MUST not hold up the server where the collector is gone", async () => {
    const proxy = await start({ seed, env: { OTEL_EXPORTER_OTLP_ENDPOINT: "http://127.0.0.1:1" } })
    await use(proxy.url, join(proxy.folder, "data", "bookio.db"))
    assert.deepStrictEqual(await proxy.stop(), { code: 0, signal: null })
  })
})

describe("/metrics", () => {
  it("MUST be open on loopback, and hold what the operation's page tells, and nothing of a person", async () => {
    const proxy = await start({ seed })
    const client = await use(proxy.url, join(proxy.folder, "data", "bookio.db"))
    const { status, text } = await client.send("GET", "/metrics", undefined, { authorization: "" })
    assert.strictEqual(status, 200)
    for (const line of [
      /^bookio_requests_total\{operation="createReservation",status="200"\} 2$/m,
      /^bookio_requests_total\{operation="createReservation",status="500"\} 1$/m,
      /^bookio_request_duration_seconds_count\{operation="createReservation",status="500"\} 1$/m,
      /^bookio_write_queue_length 0$/m,
      /^bookio_write_group_size_count [1-9]/m,
      /^bookio_database_errors_total\{kind="\w+"\} 1$/m,
      /^process_resident_memory_bytes [1-9]\d{7,}$/m,
      /^process_cpu_seconds_total [\d.]+$/m,
      /^nodejs_heap_size_used_bytes \d+$/m
    ]) {
      assert.match(text, line)
    }
    // Every sample is a name, labels and a number.
    for (const line of text.split("\n").filter((line) => line !== "" && !line.startsWith("#"))) {
      assert.match(line, /^[a-z_]+(?:\{[a-z]+="[^"]*"(?:,[a-z]+="[^"]*")*\})? [\d.e+-]+$/)
    }
    holdsNoSecret(text, "/metrics")
    const forwarded = await client.send("GET", "/metrics", undefined, { authorization: "", "x-forwarded-for": "::1" })
    assert.strictEqual(forwarded.status, 401)
  })
})

describe("/ext/v1/audit", () => {
  it("MUST tell an admin every write by ids and codes, and nothing of a person", async () => {
    const proxy = await start({ seed })
    const filename = join(proxy.folder, "data", "bookio.db")
    const client = await use(proxy.url, filename)
    const { result, status, text } = await client.send("GET", "/ext/v1/audit", undefined)
    assert.strictEqual(status, 200)
    // The id that was guessed is told as it was named.
    holdsNoSecret(text.replaceAll('"reservationId":987654321', ""), "/ext/v1/audit")
    const { entries } = result.data as unknown as {
      readonly entries: ReadonlyArray<{
        readonly operation: string
        readonly status: number
        readonly errorCode?: number
      }>
    }
    assert.deepStrictEqual(
      entries.map(({ errorCode, operation, status }) => [operation, status, errorCode]),
      [
        ["createReservation", 200, undefined],
        ["createReservation", 400, 10],
        ["createReservation", 400, 40],
        ["changeReservationStatus", 400, 12],
        ["changeReservationStatus", 200, undefined],
        ["createReservation", 400, 10],
        ["createReservation", 500, 666]
      ]
    )
    for (const token of ["cgm", "web"]) {
      const refused = await makeClient(proxy.url, token).send("GET", "/ext/v1/audit?lang=sk")
      assert.deepStrictEqual([refused.status, refused.result.errorCode], [403, 403])
      assert.notInclude(refused.text, "This token")
    }
    const wrong = await client.send("GET", "/ext/v1/audit?from=yesterday&limit=101&lang=sk")
    assert.strictEqual(wrong.result.errors?.length, 2)
    const db = new DatabaseSync(filename, { readOnly: true })
    for (const table of ["audit_entry", "idempotency_record"]) {
      const rows = db.prepare(`SELECT * FROM ${table}`).all()
      const stored = rows
        .flatMap((row) => Object.values(row))
        .map((value) => (value instanceof Uint8Array ? Buffer.from(value).toString("latin1") : String(value)))
      // The channel's own id stands in the answer that is kept, for the caller gets it back.
      const kept = stored.map((value) => value.replace(/^987654321$|"externalId":987654321/, ""))
      holdsNoSecret(kept.join("\n"), table)
    }
    db.close()
  })
})
