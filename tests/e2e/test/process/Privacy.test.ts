import { once } from "node:events"
import { connect } from "node:net"
import { join } from "node:path"
import { DatabaseSync } from "node:sqlite"
import { assert, describe, it, onTestFinished } from "@effect/vitest"
import { base, booking, clinic, idsOf, makeClient, seedOf, start } from "./Support.ts"

const clinics = seedOf(clinic("Clinic", "Europe/Bratislava", [{ name: "Exam", duration: 60, capacity: 1 }]))
const token = "Quokka0Token0which0nobody0ever0may0see0in0a0log"
const seed = {
  ...clinics,
  demo: false,
  channels: [{ name: "cgm", facilities: ["Clinic"], tokens: [{ token, access: "write" }] }]
}

// Strings that stand nowhere but in the requests of these tests.
const secrets = ["Quokka", "quokka", "421907654321", "907654321"]
const person = {
  name: "QuokkaName",
  surname: "QuokkaSurname",
  email: "quokka.email@example.com",
  phone: "+421907654321",
  note: "QuokkaNote"
}

const holdsNoSecret = (text: string, where: string) => {
  for (const secret of secrets) assert.notInclude(text, secret, where)
}

/** Bytes that are no HTTP, or not quite, up to the end of the connection. */
const raw = async (url: string, bytes: string) => {
  const socket = connect(Number(new URL(url).port), "127.0.0.1")
  socket.once("error", () => {})
  socket.end(bytes)
  socket.resume()
  await once(socket, "close")
}

const lookUp = async (url: string) => {
  const client = makeClient(url, token)
  const ids = await idsOf(client)
  return { client, facility: ids.facility("Clinic"), service: await ids.service("Clinic", "Exam") }
}

const errorLines = (stderr: string) =>
  stderr
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as { readonly level: string; readonly requestId?: string; readonly error?: string })
    .filter(({ level }) => level === "ERROR")

describe("logs", () => {
  it.each(["json", "pretty"])("MUST hold no name, email, phone, note or token: %s at level debug", async (format) => {
    const proxy = await start({ seed, env: { BOOKIO_LOG_LEVEL: "debug", BOOKIO_LOG_FORMAT: format } })
    const { client, facility, service } = await lookUp(proxy.url)
    const good = { ...booking(1, facility, service, "2030-05-06T10:00:00"), ...person }
    const post = (body: unknown, path = "/reservations") => client.send("POST", base + path, body)
    const created = await post(good)
    const id = created.result.data?.reservationId
    assert.isTrue(created.result.success, created.text)
    const codes = [
      await post(good),
      await post({ ...good, externalId: 2 }),
      await post({ ...good, externalId: 3, name: "QuokkaOther", email: "quokka.other@example.com" }),
      await post({ ...good, email: "quokka at nowhere", phone: "call Quokka", name: "Quokka".repeat(100) }),
      await post({ ...good, dateFrom: "Quokka", serviceId: "Quokka", locale: person }),
      await post({ ...good, name: "Quokka\u0000", note: "Quokka\ud800" }),
      await post([person]),
      await client.send("PUT", `${base}/reservations/${id}/term`, { dateFrom: "Quokka" }),
      await client.send("PUT", `${base}/reservations/Quokka/status`, { status: "Quokka" }),
      await client.send("GET", `${base}/reservations?email=quokka&number=Quokka&status=Quokka`),
      await client.send("GET", `${base}/Quokka/quokka.email@example.com?phone=%2B421907654321`),
      await client.send("GET", `${base}/facilities/cgm`, undefined, { authorization: "Bearer QuokkaWrong" }),
      await client.send("GET", `${base}/facilities/cgm`, undefined, { authorization: `Basic ${token}` }),
      await client.send("GET", `${base}/facilities/cgm?lang=Quokka`, undefined, { "x-request-id": person.email })
    ].map(({ result }) => result.errorCode)
    assert.deepStrictEqual(codes, [40, 40, 30, 10, 10, 10, 10, 10, 10, 10, 404, 20, 20, undefined])
    assert.strictEqual((await client.send("GET", `${base}/reservations?email=${person.email}`)).status, 200)
    const cancellation = { status: "CANCELLED", cancellationReason: "QuokkaReason" }
    assert.strictEqual((await client.send("PUT", `${base}/reservations/${id}/status`, cancellation)).status, 200)
    const head = `POST ${base}/reservations HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n`
    const json = "Content-Type: application/json\r\n"
    await raw(proxy.url, `${head}${json}Content-Length: 30\r\n\r\n{"name": "QuokkaName", "note":`)
    await raw(proxy.url, `${head}${json}Content-Length: 300\r\n\r\n{"name": "QuokkaName"`)
    await raw(proxy.url, `${head}Content-Type: text/Quokka\r\nContent-Length: 6\r\n\r\nQuokka`)
    await raw(proxy.url, `${head}X-Quokka: ${"Quokka".repeat(4000)}\r\n\r\n`)
    await raw(proxy.url, "QUOKKA /Quokka QUOKKA/1.1\r\nQuokka\r\n\r\n")
    await raw(proxy.url, `${head}Transfer-Encoding: Quokka\r\n\r\nQuokka`)
    assert.deepStrictEqual(await proxy.stop(), { code: 0, signal: null })
    assert.isAbove(proxy.stderr().split("\n").length, 15)
    holdsNoSecret(proxy.stderr(), "stderr")
    holdsNoSecret(proxy.stdout(), "stdout")
  })
})

describe("a broken database", () => {
  it("MUST be answered with 666 and the request id, logged under it, and told by /readyz", async () => {
    const proxy = await start({ seed, env: { BOOKIO_LOG_LEVEL: "debug", BOOKIO_LOG_FORMAT: "json" } })
    const { client, facility, service } = await lookUp(proxy.url)
    const intruder = new DatabaseSync(join(proxy.folder, "data", "bookio.db"))
    onTestFinished(() => intruder.close())
    assert.strictEqual((await client.send("GET", "/readyz")).status, 200)

    const asked: Array<string> = []
    const expectDefect = async (method: string, path: string, body?: unknown, more: Record<string, string> = {}) => {
      const requestId = `defect-${asked.length}`
      asked.push(requestId)
      const { headers, result, status, text } = await client.send(method, path, body, {
        "x-request-id": requestId,
        ...more
      })
      assert.strictEqual(status, 500, text)
      assert.strictEqual(headers["x-request-id"], requestId)
      assert.deepInclude(result, { success: false, errorCode: 666, reason: "Internal", retryable: false })
      assert.include(result.errors?.join(), requestId)
      assert.notMatch(text, /SELECT|INSERT|sqlite|table|column|constraint|at .*:\d+/i)
      holdsNoSecret(text, "the answer")
    }

    intruder.exec("DROP TABLE reservation_channel")
    const good = { ...booking(1, facility, service, "2030-05-06T10:00:00"), ...person }
    await expectDefect("POST", `${base}/reservations`, good)
    await expectDefect("GET", `${base}/reservations?email=${person.email}`)
    const facilities = await client.send("GET", `${base}/facilities/cgm`)
    assert.strictEqual(facilities.status, 200, "what does not need the table is still served")
    const rows = intruder.prepare("SELECT id FROM reservation").all()
    assert.deepStrictEqual(rows, [], "the failed creation left nothing")

    intruder.exec("PRAGMA foreign_keys = OFF")
    const tables = intruder
      .prepare("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%'")
      .all()
    for (const { name } of tables) intruder.exec(`DROP TABLE "${name}"`)
    await expectDefect("GET", `${base}/facilities/cgm`)
    await expectDefect("POST", `${base}/reservations`, good)
    // A token that was good a moment ago is known without the database.
    await expectDefect("GET", `${base}/nowhere`, undefined, { authorization: `Bearer ${"z".repeat(43)}` })
    assert.strictEqual((await client.send("GET", "/healthz")).status, 200)
    const ready = await client.send("GET", "/readyz")
    assert.strictEqual(ready.status, 503)
    assert.deepStrictEqual(JSON.parse(ready.text), { status: "not ready" })

    assert.deepStrictEqual(await proxy.stop(), { code: 0, signal: null })
    const errors = errorLines(proxy.stderr())
    assert.sameMembers(
      errors.flatMap(({ requestId }) => (requestId === undefined ? [] : [requestId])),
      asked
    )
    for (const { error } of errors) assert.match(String(error), /SqlError/, "the log says what went wrong")
    assert.notMatch(proxy.stderr(), /SELECT |INSERT |no such table/)
    holdsNoSecret(proxy.stderr(), "stderr")
  })

  it("MUST answer 503 to a write while another process keeps the lock, read on, and write again after it", async () => {
    const proxy = await start({ seed })
    const { client, facility, service } = await lookUp(proxy.url)
    const other = new DatabaseSync(join(proxy.folder, "data", "bookio.db"))
    onTestFinished(() => other.close())
    const good = booking(1, facility, service, "2030-05-06T10:00:00")
    other.exec("BEGIN IMMEDIATE")
    const waiting = client.send("POST", `${base}/reservations`, good)
    assert.strictEqual((await client.send("GET", `${base}/reservations`)).status, 200)
    const { headers, result, status } = await waiting
    assert.strictEqual(status, 503)
    assert.deepInclude(result, { success: false, reason: "Overloaded", retryable: true })
    assert.match(String(headers["retry-after"]), /^\d+$/)
    other.exec("COMMIT")
    assert.strictEqual((await client.send("POST", `${base}/reservations`, good)).status, 200)
    assert.strictEqual((await client.all("/reservations", "reservations")).length, 1)
  })
})
