/** `bookio doctor`: each check tells what it found, and what to do about it. */
import { stat } from "node:fs/promises"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import type { Facility } from "@bookio-kit/core/facility/Facility"
import { TimeZone } from "@bookio-kit/core/time/TimeZone"
import type * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { layerOf } from "../../Backend.ts"
import type { Given } from "../../Command.ts"
import { allFacilities } from "../../Facility.ts"
import { CommandError, errorOf, tellError } from "../../Failure.ts"
import { Invocation } from "../../Invocation.ts"
import { printRows } from "../../output/Output.ts"
import type { Color, Column } from "../../output/Table.ts"
import { sendRaw } from "../../Raw.ts"
import { type Target, target } from "../../Target.ts"
import type { doctor } from "./specs.ts"

interface Finding {
  readonly check: string
  readonly state: "ok" | "warning" | "failed"
  readonly detail: string
  readonly fix?: string
  readonly exitCode?: number
}

const colors: { readonly [S in Finding["state"]]: Color } = { ok: "green", warning: "yellow", failed: "red" }

const columns: ReadonlyArray<Column<Finding>> = [
  { title: "CHECK", cell: ({ check }) => check },
  { title: "STATE", cell: ({ state }) => state, color: ({ state }) => colors[state] },
  { title: "FOUND", cell: ({ detail }) => detail, least: 20 },
  { title: "WHAT TO DO", cell: ({ fix }) => fix ?? "", least: 20, spare: 1 }
]

const ok = (check: string, detail: string): Finding => ({ check, state: "ok", detail })

const warning = (check: string, detail: string, fix: string): Finding => ({ check, state: "warning", detail, fix })

const failed = Effect.fnUntraced(function* (check: string, error: unknown) {
  const { exitCode, fix, why } = tellError(error, yield* Invocation)
  return {
    check,
    state: "failed",
    detail: why,
    exitCode,
    ...(fix === undefined ? {} : { fix })
  } satisfies Finding as Finding
})

const whereOf = (to: Target): string =>
  to._tag === "Remote"
    ? `${to.baseUrl} (${to.name})`
    : `${to.filename} (${to.name}), ${to.token === undefined ? `as channel ${to.channel ?? "of the file"}` : "with a token"}`

const mostClockMs = 60_000

// The answer need not be a success: that there is one, and its Date, is all that is looked at.
const checkNetwork = Effect.fnUntraced(function* (to: Target) {
  const startMs = yield* Clock.currentTimeMillis
  const response = yield* sendRaw(to, { method: "GET", path: "/facilities/cgm" })
  const nowMs = yield* Clock.currentTimeMillis
  const network = ok("network", `the server answers in ${nowMs - startMs} ms`)
  const serverMs = Date.parse(response.headers.get("date") ?? "")
  if (Number.isNaN(serverMs))
    return [network, warning("clock", "the server does not tell its time", "nothing: times are in the facility's zone")]
  const aheadMs = serverMs - nowMs
  const seconds = Math.round(Math.abs(aheadMs) / 1000)
  const clock =
    Math.abs(aheadMs) <= mostClockMs
      ? ok("clock", `within ${Math.max(1, seconds)} s of the server's`)
      : warning(
          "clock",
          `${seconds} s ${aheadMs > 0 ? "behind" : "ahead of"} the server's`,
          "set the clock of this machine by NTP"
        )
  return [network, clock]
})

const checkFile = (to: Extract<Target, { readonly _tag: "Embedded" }>) =>
  Effect.map(
    Effect.promise(() => stat(to.filename).catch(() => undefined)),
    (found): ReadonlyArray<Finding> => {
      if (found === undefined) return []
      const isOpen = process.platform !== "win32" && (found.mode & 0o077) !== 0
      return [
        isOpen
          ? warning("file", "others on this machine can read the patients in it", `run: chmod 600 ${to.filename}`)
          : ok("file", "only you can read it")
      ]
    }
  )

const isZone = Schema.is(TimeZone)

const zoneCheck = (facilities: ReadonlyArray<Facility>): Finding => {
  const unknown = facilities.filter(({ timeZone }) => !isZone(timeZone))
  const version = `zone data ${process.versions.tz ?? "of this system"}`
  return unknown.length === 0
    ? ok("zones", `${version} has those of all facilities`)
    : warning(
        "zones",
        `${version} lacks that of facility ${unknown.map(({ id }) => id).join(", ")}`,
        "use a newer Node.js"
      )
}

const checkToken = (to: Target) =>
  Effect.gen(function* () {
    const facilities = yield* allFacilities
    const { list } = yield* Calendars
    const calendars = yield* list({})
    const services = calendars.reduce((sum, calendar) => sum + calendar.services.length, 0)
    return [
      ok("token", "the server takes it"),
      facilities.length === 0
        ? warning("access", "the token reaches no facility", "ask who gave it to let its channel in")
        : ok("access", `${facilities.length} facilities, ${calendars.length} calendars, ${services} services`),
      zoneCheck(facilities)
    ]
  }).pipe(Effect.provide(layerOf(to)))

const orFinding = <E, R>(check: string, run: Effect.Effect<ReadonlyArray<Finding>, E, R>) =>
  Effect.catchCause(run, (cause) => {
    const error = errorOf(cause)
    return error === undefined
      ? Effect.failCause(cause as Cause.Cause<never>)
      : Effect.map(failed(check, error), (finding) => [finding])
  })

const look = Effect.gen(function* () {
  const to = yield* target
  const settings = ok("settings", whereOf(to))
  const reach = to._tag === "Remote" ? orFinding("network", checkNetwork(to)) : checkFile(to)
  const reached = yield* reach
  const isReached = reached.every(({ state }) => state !== "failed")
  return [settings, ...reached, ...(isReached ? yield* orFinding("token", checkToken(to)) : [])]
})

/** Runs the command. */
export const run = (_: Given<typeof doctor>) =>
  Effect.gen(function* () {
    const findings: ReadonlyArray<Finding> = yield* orFinding("settings", look)
    const toJson = ({ check, detail, fix, state }: Finding) => ({ check, state, detail, fix: fix ?? null })
    yield* printRows({ columns, empty: "", toJson }, Stream.fromIterable(findings))
    const worst = findings.find(({ state }) => state === "failed")
    if (worst === undefined) return
    return yield* new CommandError({ why: `${worst.check} failed`, exitCode: worst.exitCode ?? 1 })
  })
