import { SettingsError } from "@bookio-kit/core/settings/Settings"
import type { FacilityHealth } from "@bookio-kit/sync/Worker"
import { assert, describe, it } from "@effect/vitest"
import { Deferred, Effect, Layer } from "effect"
import { type FacilityReport, judge, layer } from "../src/HealthServer.ts"

const nowMs = 1_700_000_000_000
const nothing = { openConflicts: 0, parked: 0 }

const health = (changes: Partial<FacilityHealth> = {}): FacilityHealth => ({
  name: "General practice",
  facilityId: 1,
  intervalMs: 30_000,
  isRunning: false,
  bookioProvenMs: nowMs - 20_000,
  practiceProvenMs: new Map([["Dr Novak", nowMs - 20_000]]),
  outcome: "done",
  isHalted: false,
  report: undefined,
  failures: 0,
  ...changes
})

describe("judge", () => {
  it("MUST be green after a pass that proved both sides, and tell their ages", () => {
    assert.deepStrictEqual(judge(health(), nothing, nowMs), {
      facility: "General practice",
      health: "green",
      outcome: "done",
      bookioAgeSeconds: 20,
      practiceAgeSeconds: { "Dr Novak": 20 },
      openConflicts: 0,
      parked: 0
    })
  })

  it("MUST be yellow while a conflict or a parked item waits", () => {
    assert.strictEqual(judge(health(), { openConflicts: 1, parked: 0 }, nowMs).health, "yellow")
    assert.strictEqual(judge(health(), { openConflicts: 0, parked: 1 }, nowMs).health, "yellow")
  })

  it("MUST be red when it stands still, when its last pass failed, and before the first pass", () => {
    assert.strictEqual(judge(health({ isHalted: true }), nothing, nowMs).health, "red")
    assert.strictEqual(judge(health({ failures: 1 }), nothing, nowMs).health, "red")
    const before = judge(
      health({ bookioProvenMs: undefined, practiceProvenMs: new Map([["Dr Novak", 0]]), outcome: "no pass yet" }),
      nothing,
      nowMs
    )
    assert.strictEqual(before.health, "red")
    assert.strictEqual(before.outcome, "waits for its first pass")
    assert.notProperty(before, "bookioAgeSeconds")
    assert.deepStrictEqual(before.practiceAgeSeconds, { "Dr Novak": null })
  })

  it("MUST be red when either side was not proven for five intervals, at least two minutes", () => {
    const after = (seconds: number, intervalMs: number) =>
      [
        health({ intervalMs, bookioProvenMs: nowMs - seconds * 1000 }),
        health({ intervalMs, practiceProvenMs: new Map([["Dr Novak", nowMs - seconds * 1000]]) })
      ].map((one) => judge(one, nothing, nowMs).health)
    assert.deepStrictEqual(after(120, 5_000), ["green", "green"])
    assert.deepStrictEqual(after(121, 5_000), ["red", "red"])
    assert.deepStrictEqual(after(300, 60_000), ["green", "green"])
    assert.deepStrictEqual(after(301, 60_000), ["red", "red"])
  })

  it("MUST NOT take for proven what was proven in the future, by a clock that was set back", () => {
    const ahead = nowMs + 86_400_000
    for (const one of [
      health({ bookioProvenMs: ahead }),
      health({ practiceProvenMs: new Map([["Dr Novak", ahead]]) })
    ]) {
      assert.strictEqual(judge(one, nothing, nowMs).health, "red")
    }
    assert.notProperty(judge(health({ bookioProvenMs: ahead }), nothing, nowMs), "bookioAgeSeconds")
    assert.strictEqual(judge(health({ bookioProvenMs: nowMs + 500 }), nothing, nowMs).health, "green")
  })

  it("MUST be red until the first pass has proven every side, also while that is at work", () => {
    const unproven = [
      health({ isRunning: true, bookioProvenMs: undefined, practiceProvenMs: new Map([["Dr Novak", 0]]) }),
      health({ isRunning: true, bookioProvenMs: undefined, practiceProvenMs: new Map() }),
      health({
        practiceProvenMs: new Map([
          ["Dr Novak", nowMs],
          ["Dr Balaz", 0]
        ])
      })
    ]
    for (const one of unproven) {
      const { health: colour, outcome } = judge({ ...one, outcome: "no pass yet" }, nothing, nowMs)
      assert.deepStrictEqual([colour, outcome], ["red", "waits for its first pass"])
    }
    const failed = health({ failures: 1, bookioProvenMs: undefined, outcome: "Bookio: Unreachable" })
    assert.strictEqual(judge(failed, nothing, nowMs).outcome, "Bookio: Unreachable")
  })

  it("MUST be red for its age while a pass is at work, unless passes take that long", () => {
    const running = (report: FacilityHealth["report"]) =>
      judge(health({ isRunning: true, bookioProvenMs: nowMs - 900_000, report }), nothing, nowMs).health
    const took = (ms: number) => ({
      startedMs: nowMs - ms,
      endedMs: nowMs,
      counts: new Map(),
      down: [],
      isBookioComplete: true,
      uncovered: [],
      isSettled: true
    })
    assert.strictEqual(running(undefined), "red")
    assert.strictEqual(running(took(200_000)), "red")
    assert.strictEqual(running(took(300_000)), "green")
  })
})

describe("the server", () => {
  const facility = health({ practiceProvenMs: new Map([["Dr Novak", 0]]) })
  const serve = (reports: () => ReadonlyArray<FacilityReport>, port = 0) =>
    Effect.gen(function* () {
      const listening = yield* Deferred.make<string>()
      yield* Layer.build(
        layer({
          host: "127.0.0.1",
          port,
          facilities: [facility],
          reports: Effect.sync(reports),
          onListening: (url) => Effect.asVoid(Deferred.succeed(listening, url))
        })
      )
      return yield* Deferred.await(listening)
    })
  const get = (url: string) =>
    Effect.promise(async () => {
      const response = await fetch(url)
      return { status: response.status, headers: response.headers, text: await response.text() }
    })

  it.live("MUST answer 200 to /readyz while no facility is red, else 503, with a report of each", () =>
    Effect.gen(function* () {
      let reports: ReadonlyArray<FacilityReport> = [judge(health(), { openConflicts: 1, parked: 0 }, nowMs)]
      const url = yield* serve(() => reports)
      const ready = yield* get(`${url}/readyz`)
      assert.strictEqual(ready.status, 200)
      assert.strictEqual(ready.headers.get("cache-control"), "no-store")
      assert.deepStrictEqual(JSON.parse(ready.text), { status: "ready", facilities: reports })
      reports = [...reports, judge(health({ isHalted: true, outcome: "deletion-budget: …" }), nothing, nowMs)]
      const red = yield* get(`${url}/readyz`)
      assert.strictEqual(red.status, 503)
      assert.deepStrictEqual(JSON.parse(red.text), { status: "not ready", facilities: reports })
      assert.strictEqual((yield* get(`${url}/healthz`)).status, 200)
    }).pipe(Effect.scoped)
  )

  it.live("MUST tell the age of each side as a metric, -1 before the first pass", () =>
    Effect.gen(function* () {
      const { status, text } = yield* get(`${yield* serve(() => [])}/metrics`)
      assert.strictEqual(status, 200)
      const lines = text.split("\n").filter((line) => line.startsWith("bookio_sync_lag_seconds{"))
      assert.strictEqual(lines.length, 2)
      assert.isTrue(lines.some((line) => line.includes('side="bookio"') && Number(line.split(" ").at(-1)) > 0))
      assert.isTrue(lines.some((line) => line.includes('calendar="Dr Novak"') && line.endsWith(" -1")))
    }).pipe(Effect.scoped)
  )

  it.live("MUST name host and port where it cannot listen", () =>
    Effect.gen(function* () {
      const url = yield* serve(() => [])
      const port = Number(new URL(url).port)
      const error = yield* Effect.flip(serve(() => [], port))
      assert.instanceOf(error, SettingsError)
      assert.deepStrictEqual(error.problems, [`listen: cannot listen on 127.0.0.1, port ${port} (EADDRINUSE)`])
    }).pipe(Effect.scoped)
  )
})
