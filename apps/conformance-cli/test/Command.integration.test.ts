/** `bookio-conformance` as a process: what it tries, what it prints, how it ends, and what it never tells. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { brokenServer, conformance, server, tokenOf } from "./Support.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "bookio-conformance-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true, force: true }))
)

const first = { BOOKIO_TOKEN: tokenOf("first") }

interface Report {
  readonly summary: { readonly holds: number; readonly fails: number; readonly notRun: number }
  readonly laws: ReadonlyArray<{
    readonly name: string
    readonly operation: string
    readonly kind: string
    readonly outcome: { readonly _tag: string; readonly reason?: string }
  }>
}

const reportOf = (json: string) => JSON.parse(json) as Report

describe("bookio-conformance", () => {
  it.live("tries the laws that only read, and tells which were not run for want of a second token", () =>
    Effect.gen(function* () {
      const url = yield* server
      const { code, stderr, stdout } = yield* conformance(["--base-url", url, "--report", "json"], first)
      assert.strictEqual(stderr, "")
      assert.strictEqual(code, 0, stdout)
      const { laws, summary } = reportOf(stdout)
      assert.strictEqual(summary.fails, 0)
      assert.isAbove(summary.holds, 20)
      assert.isTrue(laws.every(({ kind }) => kind === "read"))
      const isolation = laws.find(({ name }) => name.startsWith("MUST refuse listReservations at a facility of other"))
      assert.strictEqual(isolation?.outcome._tag, "NotRun")
      assert.include(isolation?.outcome.reason, "second channel")
      assert.notInclude(stdout, "Patient")
    })
  )

  it.live("tries all laws with --write, and leaves nothing behind that takes a place", () =>
    Effect.gen(function* () {
      const url = yield* server
      const all = ["--base-url", url, "--write", "--facility", "1", "--extensions", "--clock-tolerance", "0 millis"]
      const shared = yield* conformance([...all, "--report", "json"], { ...first, BOOKIO_TOKEN_2: tokenOf("second") })
      assert.strictEqual(shared.stderr, "")
      assert.strictEqual(shared.code, 0)
      const report = reportOf(shared.stdout)
      assert.strictEqual(report.summary.fails, 0)
      assert.isAbove(report.laws.filter(({ kind }) => kind === "write").length, 100)
      const notRun = report.laws.filter(({ outcome }) => outcome._tag === "NotRun").map(({ outcome }) => outcome.reason)
      assert.sameMembers(
        [...new Set(notRun)],
        [
          "there is no second channel that does not reach the facility",
          "there is no caller of access `book`",
          "there is no caller of access `read`",
          "no blocked time is listed"
        ]
      )
      const api = (path: string) =>
        Effect.promise(async () => {
          const answer = await fetch(`${url}${path}`, { headers: { authorization: `Bearer ${tokenOf("first")}` } })
          return (await answer.json()) as { result: { data: { pagination: { total: number } } } }
        })
      const confirmed = yield* api("/reservations?facilityId=1&status=CONFIRMED")
      assert.strictEqual(confirmed.result.data.pagination.total, 3)
      const blocked = yield* api("/blocked-times?facilityId=1")
      assert.strictEqual(blocked.result.data.pagination.total, 0)
    })
  )

  it.live("takes a second token that does not reach the facility for the laws of strangers", () =>
    Effect.gen(function* () {
      const url = yield* server
      const env = { ...first, BOOKIO_TOKEN_2: tokenOf("stranger") }
      const { code, stdout } = yield* conformance(["--base-url", url, "--report", "json"], env)
      assert.strictEqual(code, 0)
      const { laws } = reportOf(stdout)
      const isolation = laws.find(({ name }) => name.startsWith("MUST refuse listReservations at a facility of other"))
      assert.strictEqual(isolation?.outcome._tag, "Holds")
    })
  )

  it.live("ends with 1 where a law fails, and writes the report to --output", () =>
    Effect.gen(function* () {
      const url = yield* brokenServer
      const output = join(yield* folder, "report.xml")
      const { code, stdout } = yield* conformance(["--base-url", url, "--report", "junit", "--output", output], first)
      assert.strictEqual(code, 1)
      assert.strictEqual(stdout, "")
      const xml = readFileSync(output, "utf8")
      assert.match(xml, /^<\?xml version="1.0" encoding="UTF-8"\?>\n<testsuites name="bookio-conformance" tests="\d+"/)
      assert.include(xml, 'name="MUST list facilities ascending by id, each once"')
      assert.include(xml, '<failure message="the ids are 2, 1"/>')
    })
  )

  it.live("takes the token from a file, and prints the report for people", () =>
    Effect.gen(function* () {
      const url = yield* server
      const file = join(yield* folder, "token")
      writeFileSync(file, `${tokenOf("first")}\n`)
      const { code, stdout } = yield* conformance(["--base-url", url, "--token-file", file, "--facility", "2"])
      assert.strictEqual(code, 0)
      assert.include(stdout, "listFacilities\n  ok   MUST list facilities ascending by id, each once\n")
      assert.match(stdout, /\d+ laws hold, 0 fail, \d+ were not run\n$/)
      assert.notInclude(stdout, tokenOf("first"))
    })
  )

  const wrong: ReadonlyArray<
    readonly [string, number, ReadonlyArray<string>, { readonly [name: string]: string }, string]
  > = [
    ["no base URL", 2, [], first, "--base-url"],
    ["a token as an argument", 2, ["--base-url", "http://127.0.0.1:1", "--token", "abc"], first, "--token"],
    ["--write without a facility", 2, ["--base-url", "http://127.0.0.1:1", "--write"], first, "--facility ID"],
    ["production", 2, ["--base-url", "https://medic.bookio.com/public/api/v1"], first, "--production"],
    [
      "production in other letters",
      2,
      ["--base-url", "https://MEDIC.bookio.com./public/api/v1"],
      first,
      "--production"
    ],
    ["no token", 78, ["--base-url", "http://127.0.0.1:1"], {}, "BOOKIO_TOKEN"],
    [
      "a wrong token",
      78,
      ["--base-url", "http://127.0.0.1:1"],
      { BOOKIO_TOKEN: "secret token" },
      "BOOKIO_TOKEN must be"
    ],
    [
      "a token file that is not there",
      78,
      ["--base-url", "http://127.0.0.1:1", "--token-file", "none"],
      {},
      "none cannot"
    ],
    ["a URL that a token must not be sent to", 78, ["--base-url", "http://example.com"], first, "https"],
    [
      "an output that cannot be written",
      78,
      ["--base-url", "http://127.0.0.1:1", "--output", "/none/r"],
      first,
      "--output"
    ],
    [
      "a server that is not there",
      78,
      ["--base-url", "http://127.0.0.1:1"],
      { ...first, BOOKIO_TIMEOUT: "100 millis", BOOKIO_REQUEST_TIMEOUT: "50 millis" },
      "cannot be listed"
    ]
  ]
  for (const [what, code, args, env, told] of wrong) {
    it.live(`ends with ${code} for ${what}`, () =>
      Effect.gen(function* () {
        const ended = yield* conformance(args, env)
        assert.include(ended.stderr + ended.stdout, told)
        assert.strictEqual(ended.code, code)
        assert.notInclude(ended.stderr + ended.stdout, "secret token")
      })
    )
  }

  it.live("ends with 78 for a facility that the token does not reach", () =>
    Effect.gen(function* () {
      const { code, stderr } = yield* conformance(["--base-url", yield* server, "--facility", "99"], first)
      assert.strictEqual(code, 78)
      assert.strictEqual(stderr, "the first caller does not reach facility 99\n")
    })
  )
})
