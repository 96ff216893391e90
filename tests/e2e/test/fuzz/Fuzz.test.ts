/**
 * Thousands of requests made from the OpenAPI document, allowed and broken ones, against a listening server: every one is
 * answered as the contract says, none breaks it, and nothing of them reaches a log. `FC_NUM_RUNS` (batches of 20) and
 * `FC_SEED` make it longer and other.
 */
import { Agent } from "node:http"
import * as fc from "fast-check"
import { afterAll, beforeAll, expect, it } from "vitest"
import { type ProxyProcess, startProxy } from "../../src/Proxy.ts"
import { type Json, problemsOf } from "../wire/JsonSchema.ts"
import { type Answer, basePath, contractProblems, type Envelope, seed, send, tokens } from "../wire/Support.ts"
import {
  type FuzzRequest,
  invalidBodyOf,
  marker,
  type Operation,
  operationsOf,
  phoneMarker,
  requestOf
} from "./Requests.ts"

const batch = 20
const numRuns = Number(process.env.FC_NUM_RUNS ?? 300)
const fcSeed = Number(process.env.FC_SEED ?? 2018)

let proxy: ProxyProcess
let document: Json
let operations: ReadonlyArray<Operation>
const agent = new Agent({ keepAlive: true, maxSockets: batch })

beforeAll(async () => {
  proxy = await startProxy({ seed, env: { BOOKIO_LOG_LEVEL: "debug", BOOKIO_LOG_FORMAT: "json" } })
  document = JSON.parse((await send(proxy.url, { path: "/openapi.json" })).text) as Json
  operations = operationsOf(document)
})
afterAll(() => {
  agent.destroy()
  return proxy.stop()
})

let sent = 0

const sendFuzz = async ({
  body,
  contentType,
  operation,
  path,
  token
}: FuzzRequest): Promise<Answer & { id: string }> => {
  sent += 1
  const id = `fuzz-${sent}`
  const headers = { "x-request-id": id, ...(contentType === undefined ? {} : { "content-type": contentType }) }
  const answer = await send(
    proxy.url,
    { method: operation.method, path, token: token ?? null, headers, ...(body === undefined ? {} : { body }) },
    agent
  )
  return { ...answer, id }
}

// Where a text comes from code or a database, and not from a catalogue.
const isInternal =
  /\bat .+:\d+:\d+|sqlite|node_modules|file:\/\/|\b(?:SELECT|INSERT|UPDATE|PRAGMA)\b|undefined|\[object/i

/** What is wrong with an answer. */
const verdict = (request: FuzzRequest, answer: Answer & { id: string }): ReadonlyArray<string> => {
  const { operation, path } = request
  const isRoute = new RegExp(`^${operation.path.replace(/\{\w+\}/g, "[^/?]+")}(?:\\?|$)`).test(path)
  // A path that is no route has no document; its answer is checked as a failure.
  const problems = [...contractProblems(operation.method, isRoute && answer.status !== 404 ? path : "/nowhere", answer)]
  if (problems.length > 0) return problems
  const { data, errorCode, errors = [], success } = (JSON.parse(answer.text) as Envelope).result
  if (answer.headers["x-request-id"] !== answer.id) problems.push("another request id")
  if (answer.status >= 500 || errorCode === 666) problems.push("a failure of the server")
  if (errors.some((error) => isInternal.test(error))) problems.push("an internal text")
  if (errors.some((error) => error.includes(marker) || error.includes(phoneMarker)))
    problems.push("a text that was sent")
  if (errorCode === 10 && !errors.every((error) => /^[\w.[\]]+: /.test(error)))
    problems.push("a problem without a field")
  if (success === (errorCode !== undefined)) problems.push("both or neither of success and errorCode")
  if (data !== undefined && !success && errorCode !== 40) problems.push("data of a failure")
  const isKnown = Object.values(tokens).some((token) => token === request.token && token !== tokens.expired)
  if ((errorCode === 20) === isKnown) problems.push("errorCode 20 is for unknown tokens")
  if (!isKnown || errorCode === 404) return problems
  // The document is true: what it forbids is refused, and a listing that it allows is answered.
  if (request.json !== undefined && operation.body !== undefined && errorCode !== 10) {
    problems.push(
      ...problemsOf(document, operation.body, request.json).map((problem) => `accepted although ${problem}`)
    )
  }
  const isListing = operation.method === "GET" && !path.startsWith("/ext/")
  if (isListing && request.isPlain && !success && errorCode !== 403)
    problems.push("refused although the document allows it")
  return problems
}

const seedTokens = Object.values(tokens)

// The server's own settings are for access admin only.
const usualTokens = ({ path }: Operation) =>
  Array<string>(8).fill(path.startsWith("/ext/") ? tokens.admin : tokens.write)

// There is something to deliver again only once an attempt has failed, seconds after a webhook was made.
const mayNeverSucceed = new Set(["webhooks.redeliver"])

it("every request is answered as the contract says", async () => {
  const counts: { [outcome: string]: number } = {}
  await fc.assert(
    fc.asyncProperty(
      fc.array(
        fc.oneof(
          ...operations.map((operation) => requestOf(document, operation, [...usualTokens(operation), ...seedTokens]))
        ),
        {
          minLength: batch,
          maxLength: batch
        }
      ),
      async (requests) => {
        const answers = await Promise.all(requests.map(sendFuzz))
        for (const [index, answer] of answers.entries()) {
          const request = requests[index] as FuzzRequest
          const outcome = `${request.operation.id} ${/"errorCode":(\d+)/.exec(answer.text)?.[1] ?? "success"}`
          counts[outcome] = (counts[outcome] ?? 0) + 1
          expect(verdict(request, answer), `${request.operation.method} ${request.path}\n${answer.text}`).toEqual([])
        }
      }
    ),
    // What a request does depends on those before it, so a smaller case would not be the same one.
    { numRuns, seed: fcSeed, endOnFailure: true }
  )
  const successes = Object.keys(counts).filter((outcome) => outcome.endsWith(" success"))
  console.log(
    `${sent} requests with seed ${fcSeed}:`,
    Object.fromEntries(successes.map((name) => [name, counts[name]]))
  )
  expect(sent).toBeGreaterThanOrEqual(numRuns * batch)
  // The fuzzer is worth something only if it reaches what lies behind the form of requests.
  for (const { id } of operations) {
    if (!mayNeverSucceed.has(id)) expect(counts[`${id} success`], id).toBeGreaterThan(0)
  }
  for (const code of [10, 12, 20, 30, 40, 403, 404]) {
    expect(
      Object.keys(counts).some((outcome) => outcome.endsWith(` ${code}`)),
      `${code}`
    ).toBe(true)
  }
  expect((await send(proxy.url, { path: "/readyz" })).text).toBe('{"status":"ready"}')
}, 300_000)

const everything = async () => {
  const lists = ["/calendars", "/reservations?limit=100", "/blocked-times?limit=100"]
  const texts = lists.map(async (path) => (await send(proxy.url, { path: `${basePath}${path}` }, agent)).text)
  return Promise.all(texts)
}

it("a request of the wrong form is errorCode 10 and writes nothing", async () => {
  const before = await everything()
  const writes = operations.filter((operation) => operation.body !== undefined) as ReadonlyArray<
    Operation & { body: Json }
  >
  const request = fc
    .oneof(...writes.map((operation) => fc.tuple(fc.constant(operation), invalidBodyOf(document, operation))))
    .map(([operation, body]) => ({
      operation,
      body,
      path: operation.path.replace(/\{\w+\}/g, "1"),
      contentType: "application/json",
      token: tokens.write,
      json: undefined,
      isPlain: true
    }))
  await fc.assert(
    fc.asyncProperty(fc.array(request, { minLength: batch, maxLength: batch }), async (requests) => {
      for (const [index, answer] of (await Promise.all(requests.map(sendFuzz))).entries()) {
        const { errorCode } = (JSON.parse(answer.text) as Envelope).result
        expect(errorCode, `${requests[index]?.path} ${requests[index]?.body}\n${answer.text}`).toBe(10)
      }
    }),
    { numRuns: Math.ceil(numRuns / 5), seed: fcSeed, endOnFailure: true }
  )
  expect(await everything()).toEqual(before)
}, 120_000)

it("nothing that was sent is in a log: no name, e-mail, phone, note or token", async () => {
  const { stderr, stdout } = proxy
  // The access log is written in batches: its last line tells that all is there.
  await send(proxy.url, { path: "/healthz", headers: { "x-request-id": "the-last-one" } }, agent)
  await expect.poll(stderr, { timeout: 5000 }).toContain("the-last-one")
  const logged = stdout() + stderr()
  expect(logged).toContain("fuzz-1")
  for (const secret of [marker, phoneMarker, ...seedTokens]) expect(logged.includes(secret), secret).toBe(false)
  // Nobody listens where the webhooks of this test point to.
  const severe = logged.split("\n").filter((line) => /"level":"(?:WARN|ERROR|FATAL)"/.test(line))
  expect(severe.filter((line) => !line.includes("webhook's receiver is away"))).toEqual([])
})
