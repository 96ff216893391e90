/** The commands that ask the journal and decide: `status`, `conflicts`, `resolve`, `parked`, `retry`, `why`, `resume`. */
import type { Conflict } from "@bookio-kit/core/sync/Journal"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import * as Admin from "@bookio-kit/sync/Admin"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { adviceOf } from "./Halts.ts"
import { NotFound } from "./NotFound.ts"
import { type Known, type Opened, open } from "./Open.ts"
import { ago, instant, print, table } from "./Print.ts"
import { type CommonOptions, RunFailed } from "./Run.ts"

const termText = (state: ReturnType<typeof Admin.shown>): string =>
  state === undefined ? "nothing" : `${state.start.slice(0, 16)}Z to ${state.end.slice(0, 16)}Z ${state.status}`

const named = (item: SyncItem): string =>
  item.kind === "reservation" || item.kind === "hold"
    ? item.bookioId === undefined
      ? `${item.kind} to be made`
      : `${item.kind} ${item.bookioId}`
    : item.bookioId === undefined
      ? `${item.kind} time to be made`
      : `blocked time ${item.bookioId}`

/** `status`: how each facility stands, by the journal alone. */
export const status = Effect.fnUntraced(function* (options: CommonOptions) {
  const { facilities, journal } = yield* open(options)
  const nowMs = yield* Clock.currentTimeMillis
  const found = yield* Effect.forEach(facilities, ({ config, key }) =>
    Effect.map(Admin.status(journal, key), (status) => ({ facility: config.name, ...status }))
  )
  const lines = table(
    ["FACILITY", "LAST PASS", "OUTCOME", "LINKS", "DUE", "CONFLICTS", "PARKED"],
    found.map(({ due, facility, halt, lastPass, links, openConflicts, parked }) => [
      facility,
      lastPass === undefined ? "never" : ago(nowMs - lastPass.endedMs),
      halt === undefined ? (lastPass?.outcome ?? "-") : `stands still: ${halt.reason}`,
      String(links),
      String(due),
      String(openConflicts),
      String(parked)
    ])
  )
  const halts = found.flatMap(({ facility, halt }) =>
    halt === undefined
      ? []
      : [
          "",
          `${facility} stands still since ${instant(halt.sinceMs)}: ${halt.detail}.`,
          adviceOf(halt.reason, facility)
        ]
  )
  yield* print(options.json, found, [...lines, ...halts])
  if (halts.length > 0) return yield* new RunFailed({ isPartly: true })
})

const hint = ({ field, id, winner }: Conflict): string =>
  winner === undefined
    ? `bookio-sync resolve ${id} --keep bookio|practice`
    : `${field === "text" ? "each side keeps its own" : `${winner} stands`}; to turn it: bookio-sync resolve ${id} --keep ${winner === "bookio" ? "practice" : "bookio"}`

/** `conflicts`: what lost or was refused, with both values. */
export const conflicts = Effect.fnUntraced(function* (options: CommonOptions & { readonly all: boolean }) {
  const { facilities, journal } = yield* open(options)
  const found = (yield* Effect.forEach(facilities, ({ config, key }) =>
    Effect.gen(function* () {
      const some = (yield* journal.conflicts(key)).filter(({ state }) => options.all || state !== "resolved")
      const items = yield* journal.byId(key, [...new Set(some.map(({ itemId }) => itemId))])
      return some.map((conflict) => ({
        facility: config.name,
        conflict,
        item: items.find(({ id }) => id === conflict.itemId)
      }))
    })
  )).flat()
  const documents = found.map(({ conflict, facility, item }) => ({
    facility,
    id: conflict.id,
    state: conflict.state,
    field: conflict.field,
    since: instant(conflict.sinceMs),
    calendar: item?.calendar,
    record: item === undefined ? undefined : named(item),
    bookio: Admin.shown(conflict.bookio),
    practice: Admin.shown(conflict.practice),
    winner: conflict.winner,
    refusal: conflict.refusal
  }))
  const lines = found.flatMap(({ conflict, facility, item }) => [
    `${conflict.id}  ${conflict.state}  ${facility}  ${item === undefined ? "" : named(item)}  ${conflict.field}${conflict.refusal === undefined ? "" : ` (${conflict.refusal})`}  since ${instant(conflict.sinceMs)}`,
    `  Bookio:   ${termText(Admin.shown(conflict.bookio))}`,
    `  practice: ${termText(Admin.shown(conflict.practice))}`,
    `  ${hint(conflict)}`
  ])
  yield* print(options.json, documents, lines.length === 0 ? ["no conflicts"] : lines)
})

/** `resolve`: whose value is to stand. */
export const resolve = Effect.fnUntraced(function* (
  options: CommonOptions & { readonly id: string; readonly keep: "bookio" | "practice" }
) {
  const { facilities, journal, owner } = yield* open(options)
  for (const { config, key } of facilities) {
    const conflict = (yield* journal.conflicts(key)).find(({ id }) => String(id) === options.id)
    if (conflict === undefined) continue
    const isDone = yield* Admin.resolve(journal, key, owner, conflict, options.keep)
    if (!isDone) break
    const document = { facility: config.name, id: conflict.id, keep: options.keep }
    return yield* print(options.json, document, [`the next pass lets the value of ${options.keep} stand on both sides`])
  }
  return yield* new NotFound({ what: "conflict", id: options.id })
})

const parkedOf = ({ journal }: Opened, { key }: Known) => Admin.parked(journal, key)

/** `parked`: what waits, and why. */
export const parked = Effect.fnUntraced(function* (options: CommonOptions) {
  const opened = yield* open(options)
  const found = (yield* Effect.forEach(opened.facilities, (known) =>
    Effect.map(parkedOf(opened, known), (items) => items.map((item) => ({ facility: known.config.name, item })))
  )).flat()
  const documents = found.map(({ facility, item }) => ({
    facility,
    id: item.id,
    calendar: item.calendar,
    record: named(item),
    event: item.href,
    ...item.parked,
    since: instant(item.parked?.sinceMs ?? 0)
  }))
  const lines = found.flatMap(({ facility, item }) => [
    `${item.id}  ${facility}  ${item.calendar}  ${named(item)}${item.href === undefined ? "" : `  ${item.href}`}`,
    `  ${item.parked?.reason}: ${item.parked?.problem}; since ${instant(item.parked?.sinceMs ?? 0)}`
  ])
  yield* print(options.json, documents, lines.length === 0 ? ["nothing is parked"] : lines)
})

/** `retry`: takes parked items up again, one or all. */
export const retry = Effect.fnUntraced(function* (options: CommonOptions & { readonly id: string }) {
  const opened = yield* open(options)
  let taken = 0
  for (const known of opened.facilities) {
    const items = (yield* parkedOf(opened, known)).filter(({ id }) => options.id === "all" || String(id) === options.id)
    yield* Admin.retry(opened.journal, known.key, opened.owner, items)
    taken += items.length
  }
  if (taken === 0 && options.id !== "all") return yield* new NotFound({ what: "parked item", id: options.id })
  yield* print(options.json, { taken }, [`the next pass takes up ${taken}`])
})

/** `why`: base, both sides, what was decided and sent, and what came of it. */
export const why = Effect.fnUntraced(function* (options: CommonOptions & { readonly id: string }) {
  const { facilities, journal } = yield* open(options)
  const stories = (yield* Effect.forEach(facilities, ({ config, key }) =>
    Effect.gen(function* () {
      const calendars = config.calendars.map(({ name }) => name)
      const items = yield* Admin.find(journal, key, calendars, options.id)
      return yield* Effect.forEach(items, (item) =>
        Effect.map(Admin.why(journal, key, item), (story) => ({ facility: config.name, ...story }))
      )
    })
  )).flat()
  if (stories.length === 0)
    return yield* new NotFound({ what: "item, conflict, reservation, blocked time or event", id: options.id })
  const documents = stories.map(({ conflicts, facility, item, trail }) => ({
    facility,
    id: item.id,
    kind: item.kind,
    calendar: item.calendar,
    bookioId: item.bookioId,
    externalId: item.externalId,
    uid: item.uid,
    href: item.href,
    base: Admin.shown(item.base),
    bookio: Admin.shown(item.bookio.state),
    practice: Admin.shown(item.practice.state),
    needsSync: item.needsSync,
    intention: item.intention && {
      side: item.intention.side,
      action: item.intention.action,
      state: item.intention.state
    },
    parked: item.parked,
    conflicts: conflicts.map(({ field, id, refusal, resolution, sinceMs, state, winner }) => ({
      id,
      field,
      state,
      winner,
      resolution,
      refusal,
      since: instant(sinceMs)
    })),
    story: trail.map(({ atMs, detail, step }) => ({ at: instant(atMs), step, detail }))
  }))
  const lines = documents.flatMap((story) => [
    `${story.facility}  ${story.calendar}  ${story.kind}  item ${story.id}`,
    `  Bookio record    ${story.bookioId ?? "none"}, externalId ${story.externalId ?? "none"}`,
    `  practice event   ${story.uid ?? "none"}${story.href === undefined ? "" : `, ${story.href}`}`,
    `  agreed last      ${termText(story.base)}`,
    `  Bookio shows     ${termText(story.bookio)}${story.needsSync ? ", not confirmed yet" : ""}`,
    `  practice shows   ${termText(story.practice)}`,
    ...(story.intention === undefined
      ? []
      : [`  on its way       ${story.intention.action} in ${story.intention.side} (${story.intention.state})`]),
    ...(story.parked === undefined ? [] : [`  parked           ${story.parked.reason}: ${story.parked.problem}`]),
    ...story.conflicts.map(
      ({ field, id, resolution, state }) =>
        `  conflict         ${id} ${field} ${state}${resolution === undefined ? "" : ` for ${resolution}`}`
    ),
    ...story.story.map(({ at, detail, step }) => `  ${at}  ${step.padEnd(9)} ${detail}`)
  ])
  yield* print(options.json, documents, lines)
})

/** `resume`: lets a facility go on that stands still. */
export const resume = Effect.fnUntraced(function* (options: CommonOptions) {
  const { facilities, journal, owner } = yield* open(options)
  const done: Array<{ readonly facility: string; readonly reason: string }> = []
  for (const { config, key } of facilities) {
    const halt = yield* Admin.resume(journal, key, owner)
    if (halt !== undefined) done.push({ facility: config.name, reason: halt.reason })
  }
  yield* print(
    options.json,
    done,
    done.length === 0
      ? ["nothing stands still"]
      : done.map(({ facility, reason }) => `${facility} goes on with the next pass (${reason})`)
  )
})
