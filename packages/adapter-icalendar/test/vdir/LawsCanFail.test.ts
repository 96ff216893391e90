/** Broken calendars, each with the law that finds it: a law that cannot fail proves nothing. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { practiceLaws, tryPracticeLaw } from "@bookio-kit/conformance/practice/PracticeLaws"
import { make, PracticeSubject } from "@bookio-kit/conformance/practice/PracticeSubject"
import type { PracticeItem } from "@bookio-kit/core/sync/Appointment"
import type { ItemRef, Listed, PracticeCalendar } from "@bookio-kit/core/sync/PracticeCalendar"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import * as VdirCalendar from "../../src/VdirCalendar.ts"
import { window } from "../dav/CalDav.ts"

type Calendar = PracticeCalendar["Service"]

const items =
  (change: (items: ReadonlyArray<PracticeItem>) => ReadonlyArray<PracticeItem>) =>
  (part: Listed): Listed =>
    part._tag === "Items" ? { ...part, items: change(part.items) } : part

const latest = (calendar: Calendar, { href }: ItemRef) =>
  Effect.map(calendar.read(href, window), (item) => ("etag" in item && item.etag !== undefined ? item.etag : ""))

const mutants: ReadonlyArray<
  readonly [what: string, method: string, law: string, broken: (calendar: Calendar, path: string) => Partial<Calendar>]
> = [
  [
    "leaves out an item",
    "list",
    "tell every item",
    (calendar) => ({
      list: (...args) =>
        Stream.map(
          calendar.list(...args),
          items((all) => all.slice(1))
        )
    })
  ],
  [
    "ends twice",
    "list",
    "end once",
    (calendar) => ({ list: (...args) => Stream.flatMap(calendar.list(...args), (part) => Stream.make(part, part)) })
  ],
  [
    "takes what changed for unchanged",
    "list",
    "Unchanged only",
    (calendar) => ({
      list: (window, known) =>
        Stream.map(
          calendar.list(window),
          items((all) => (known === undefined ? all : all.map(({ href }) => ({ _tag: "Unchanged", href }))))
        )
    })
  ],
  [
    "fails for a malformed object",
    "list",
    "Unreadable",
    (calendar) => ({
      list: (...args) =>
        Stream.map(
          calendar.list(...args),
          items((all) => all.filter(({ _tag }) => _tag !== "Unreadable"))
        )
    })
  ],
  [
    "ignores the window",
    "list",
    "overlap the window",
    (calendar) => ({ list: ({ timeZone }, known) => calendar.list({ timeZone, fromMs: 0, toMs: 4e12 }, known) })
  ],
  [
    "leaves out single items outside of the window",
    "list",
    "wherever it lies",
    (calendar) => ({
      list: (window, known) =>
        Stream.map(calendar.list(window, known), (part) =>
          part._tag === "End"
            ? part
            : {
                ...part,
                items: part.items.map((item) =>
                  item._tag === "Appointment"
                    ? {
                        ...item,
                        occurrences: item.occurrences.filter(
                          ({ term }) => term.endMs > window.fromMs && term.startMs < window.toMs
                        )
                      }
                    : item
                )
              }
        )
    })
  ],
  [
    "reads floating times in UTC",
    "list",
    "without a zone",
    (calendar) => ({
      read: (href, window) =>
        Effect.map(calendar.read(href, window), (item) =>
          item._tag === "Appointment"
            ? {
                ...item,
                occurrences: item.occurrences.map((one) => ({
                  ...one,
                  term: { startMs: one.term.startMs + 3_600_000, endMs: one.term.endMs + 3_600_000 }
                }))
              }
            : item
        )
    })
  ],
  [
    "does not tell removals",
    "changes",
    "made, changed and removed",
    (calendar) => ({
      changes: (...args) =>
        Stream.map(
          calendar.changes(...args),
          items((all) => all.filter(({ _tag }) => _tag !== "Removed"))
        )
    })
  ],
  [
    "takes any token",
    "changes",
    "never gave",
    () => ({ changes: (token) => Stream.make<[Listed]>({ _tag: "End", token, coverage: "complete" }) })
  ],
  [
    "replaces an item of one UID",
    "create",
    "refuse a second",
    (calendar, path) => ({
      create: (content, timeZone) =>
        Effect.andThen(
          Effect.sync(() => rmSync(join(path, `${content.uid}.ics`), { force: true })),
          calendar.create(content, timeZone)
        )
    })
  ],
  [
    "does not look at the etag of a change",
    "update",
    "not that of the content",
    (calendar) => ({
      update: (item, change, timeZone) =>
        Effect.flatMap(latest(calendar, item), (etag) => calendar.update({ ...item, etag }, change, timeZone))
    })
  ],
  [
    "writes what is there already",
    "update",
    "write nothing",
    (calendar, path) => ({
      update: (item, change, timeZone) =>
        Effect.map(calendar.update(item, change, timeZone), (ref) => {
          const file = join(path, item.href)
          writeFileSync(file, readFileSync(file, "utf8"))
          return ref
        })
    })
  ],
  [
    "loses what it does not know",
    "update",
    "keep what it does not know",
    (calendar, path) => ({
      update: (item, change, timeZone) =>
        Effect.map(calendar.update(item, change, timeZone), (ref) => {
          const file = join(path, item.href)
          writeFileSync(file, readFileSync(file, "utf8").replace("CATEGORIES:A,B", "CATEGORIES:A"))
          return ref
        })
    })
  ],
  ["removes nothing", "remove", "remove an item", () => ({ remove: () => Effect.void })],
  [
    "removes what changed",
    "remove",
    "not that of the content",
    (calendar) => ({
      remove: (item) => Effect.flatMap(latest(calendar, item), (etag) => calendar.remove({ ...item, etag }))
    })
  ]
]

describe("a calendar that", () => {
  for (const [what, method, name, broken] of mutants) {
    it.live(`${what} breaks "${method} … ${name} …"`, () =>
      Effect.gen(function* () {
        const path = yield* Effect.acquireRelease(
          Effect.sync(() => mkdtempSync(join(tmpdir(), "bookio-laws-"))),
          (folder) => Effect.sync(() => rmSync(folder, { recursive: true }))
        )
        const calendar = yield* VdirCalendar.make({ path, create: true })
        const subject = make(
          { ...calendar, ...broken(calendar, path) },
          {
            tokens: "changes",
            raw: {
              put: (file, text) =>
                Effect.as(
                  Effect.sync(() => writeFileSync(join(path, file), text)),
                  file
                ),
              get: (href) => Effect.sync(() => readFileSync(join(path, href), "utf8")),
              remove: (href) => Effect.sync(() => rmSync(join(path, href), { force: true }))
            }
          }
        )
        const laws = practiceLaws.filter((law) => law.method === method && law.name.includes(name))
        assert.lengthOf(laws, 1)
        for (const law of laws) {
          const outcome = yield* Effect.provideService(tryPracticeLaw(law), PracticeSubject, subject)
          assert.strictEqual(outcome._tag, "Fails")
        }
      }).pipe(Effect.scoped)
    )
  }
})
