/** The commands that synchronise: `run` for ever, `once` for cron, `plan` and `verify`, which write nothing. */
import * as Admin from "@bookio-kit/sync/Admin"
import { makeFacilitySync } from "@bookio-kit/sync/Pass"
import { preview } from "@bookio-kit/sync/Preview"
import type { Stopped } from "@bookio-kit/sync/Stopped"
import { type FacilityHealth, makeWorker, tellStopped } from "@bookio-kit/sync/Worker"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { adviceOf } from "./Halts.ts"
import * as HealthServer from "./HealthServer.ts"
import * as Metrics from "./Metrics.ts"
import { open } from "./Open.ts"
import { ownerOf } from "./Owner.ts"
import { instant, print } from "./Print.ts"
import { facilitySides } from "./Sides.ts"

/** A command did what it could, and something went wrong: `partly` where some facilities went well. */
export class RunFailed extends Data.TaggedError("RunFailed")<{ readonly isPartly: boolean }> {}

export interface CommonOptions {
  readonly config: Option.Option<string>
  readonly facility: Option.Option<string>
  readonly json: boolean
}

/** What people want to know of a pass: what it did, and not what it read. */
const tellCounts = (counts: Iterable<readonly [string, number]>): ReadonlyArray<string> =>
  [...counts]
    .filter(([name, number]) => number > 0 && !["seen", "changedRows", "changedEvents"].includes(name))
    .map(([name, number]) => `${number} ${name}`)

/** `run`: passes for ever, until a signal. */
export const run = Effect.fnUntraced(function* (options: CommonOptions) {
  const { facilities, filename, journal, loaded } = yield* open(options)
  const owner = yield* ownerOf(filename)
  const scheduled = yield* Effect.forEach(facilities, ({ config }) => facilitySides(loaded, config, journal))
  const waiting = new Map<string, { readonly openConflicts: number; readonly parked: number }>()
  const told = new Map<string, string>()
  const onPass = Effect.fnUntraced(function* (health: FacilityHealth) {
    const plan = scheduled.find((one) => one.plan.name === health.name)?.plan
    if (plan === undefined) return
    const counts = Option.getOrUndefined(yield* Effect.option(journal.counts(plan.key)))
    yield* Metrics.observePass(counts, health)
    if (counts !== undefined) {
      // What waits by the settings' own choice is no news.
      const { NotSent: _, ...parked } = counts.parked
      waiting.set(health.name, { openConflicts: counts.openConflicts, parked: Admin.totalOf(parked) })
    }
    const changes = tellCounts(health.report?.counts ?? [])
    // Once for each thing that is new, and not at every pass.
    if (health.failures > 0 && told.get(health.name) !== health.outcome) {
      const halt = health.isHalted ? yield* Effect.result(Admin.status(journal, plan.key)) : undefined
      const reason = halt !== undefined && Result.isSuccess(halt) ? halt.success.halt?.reason : undefined
      const advice = reason === undefined ? "" : `. ${adviceOf(reason, health.name)}`
      yield* Effect.logError(`${health.name}: ${health.outcome}${advice}`)
    } else if (health.failures === 0 && told.has(health.name) && told.get(health.name) !== "done") {
      yield* Effect.logInfo(`${health.name}: goes on`)
    }
    if (health.failures === 0 && changes.length > 0) {
      yield* Effect.logInfo(`${health.name}: ${changes.join(", ")}`)
    }
    told.set(health.name, health.outcome)
  })
  const worker = yield* makeWorker(scheduled, journal, {
    concurrency: loaded.config.facilitiesAtOnce ?? 8,
    owner,
    onPass
  })
  const { listen } = loaded.config
  if (listen !== undefined) {
    const reports = Effect.map(Clock.currentTimeMillis, (nowMs) =>
      worker.health.map((health) =>
        HealthServer.judge(health, waiting.get(health.name) ?? { openConflicts: 0, parked: 0 }, nowMs)
      )
    )
    yield* Layer.build(
      HealthServer.layer({
        host: listen.host ?? "127.0.0.1",
        port: listen.port,
        facilities: worker.health,
        reports,
        onListening: (url) => Effect.sync(() => void process.stdout.write(`listening on ${url}\n`))
      })
    )
  }
  process.stdout.write(`synchronising ${scheduled.map(({ plan }) => `"${plan.name}"`).join(", ")}\n`)
  return yield* worker.run
})

/** `once`: one pass over each facility; fails if any did. */
export const once = Effect.fnUntraced(function* (options: CommonOptions & { readonly full: boolean }) {
  const { facilities, filename, journal, loaded } = yield* open(options)
  const owner = yield* ownerOf(filename)
  const results = yield* Effect.forEach(
    facilities,
    ({ config }) =>
      Effect.gen(function* () {
        const { plan } = yield* facilitySides(loaded, config, journal)
        const sync = yield* makeFacilitySync(plan, journal, owner)
        const result = yield* Effect.result(sync.pass({ full: options.full }))
        return { name: config.name, result }
      }),
    { concurrency: loaded.config.facilitiesAtOnce ?? 8 }
  )
  const documents = results.map(({ name, result }) => {
    if (Result.isFailure(result)) return { facility: name, outcome: tellStopped(result.failure), isDone: false }
    const { counts, down, endedMs, isSettled, startedMs } = result.success
    const [first] = down
    return {
      facility: name,
      outcome: first === undefined ? "done" : `calendar "${first.calendar}": ${first.error.message}`,
      isDone: first === undefined,
      isSettled,
      seconds: (endedMs - startedMs) / 1000,
      counts: Object.fromEntries(counts)
    }
  })
  const lines = documents.map(({ counts, facility, outcome }) =>
    [`${facility}: ${outcome}`, ...tellCounts(Object.entries(counts ?? {}))].join(", ")
  )
  yield* print(options.json, documents, lines)
  const failed = documents.filter(({ isDone }) => !isDone).length
  if (failed > 0) return yield* new RunFailed({ isPartly: failed < documents.length })
})

/** `plan` and `verify`: what a pass would do; nothing is written on either side, nor in the journal. */
export const plan = Effect.fnUntraced(function* (options: CommonOptions & { readonly full: boolean }) {
  const { facilities, journal, loaded } = yield* open({ ...options, isDry: true })
  const documents: Array<{ readonly [name: string]: unknown }> = []
  const lines: Array<string> = []
  let failed = 0
  for (const { config } of facilities) {
    const sides = yield* facilitySides(loaded, config, journal, { isDry: true })
    const result: Result.Result<Effect.Success<ReturnType<typeof preview>>, Stopped> = yield* Effect.result(
      preview(sides.plan, journal, { full: options.full })
    )
    if (Result.isFailure(result)) {
      failed++
      documents.push({ facility: config.name, outcome: tellStopped(result.failure) })
      lines.push(`${config.name}: ${tellStopped(result.failure)}`)
      continue
    }
    const { report, writes } = result.success
    const drift = report.counts.get("drift") ?? 0
    const [down] = report.down
    if (down !== undefined) failed++
    documents.push({
      facility: config.name,
      outcome: down === undefined ? "done" : `calendar "${down.calendar}": ${down.error.message}`,
      writes,
      ...(options.full ? { drift } : {}),
      conflicts: report.counts.get("conflicts") ?? 0
    })
    lines.push(
      `${config.name}: ${writes.length} to write${options.full ? `, ${drift} differences that passes had missed` : ""}`
    )
    if (down !== undefined) lines.push(`  calendar "${down.calendar}": ${down.error.message}`)
    for (const { action, of, status, term, to } of writes) {
      const when = term === undefined ? undefined : `${instant(term.startMs)} to ${instant(term.endMs)}`
      lines.push(`  ${[`${to}:`, action, of, when, status].filter((part) => part !== undefined).join(" ")}`)
    }
  }
  yield* print(options.json, documents, lines)
  if (failed > 0) return yield* new RunFailed({ isPartly: failed < facilities.length })
})
