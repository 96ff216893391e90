/** Laws of listing, reading and telling what changed. */
import * as Effect from "effect/Effect"
import { NotRun } from "../Law.ts"
import {
  claim,
  claimEqual,
  dayMs,
  foreign,
  freshUid,
  hourMs,
  listed,
  look,
  made,
  onlyOne,
  put,
  refused,
  told,
  wide
} from "./Items.ts"
import { law, type PracticeLaw } from "./PracticeLaw.ts"
import { PracticeSubject } from "./PracticeSubject.ts"

const listLaws: ReadonlyArray<PracticeLaw> = [
  law(
    "list",
    "MUST tell every item, and end once, complete",
    Effect.gen(function* () {
      const items = []
      for (let i = 0; i < 60; i++)
        items.push(yield* made({ term: { startMs: dayMs, endMs: dayMs + (i + 1) * 60_000 } }))
      const { items: all } = yield* listed()
      const missing = items.filter(({ href }) => !all.get(href)?.some(({ _tag }) => _tag === "Appointment"))
      yield* claim(missing.length === 0, `${missing.length} of ${items.length} items are not listed`)
    })
  ),
  law(
    "list",
    "MUST tell as Unchanged only what is as its known etag says",
    Effect.gen(function* () {
      const { calendar, timeZone } = yield* PracticeSubject
      const same = yield* made()
      const other = yield* made()
      const unknown = yield* made()
      yield* calendar.update(other, { text: "theirs" }, timeZone)
      const known = new Map([same, other].map(({ etag, href }) => [href, etag]))
      const asked = new Set<string>()
      const { items } = yield* told(
        calendar.list(yield* wide, (hrefs) => {
          for (const href of hrefs) asked.add(href)
          return Effect.succeed(known)
        })
      )
      const tags = (href: string) => [...new Set((items.get(href) ?? []).map(({ _tag }) => _tag))]
      yield* claimEqual(tags(other.href), ["Appointment"], "how a changed item is told")
      yield* claimEqual(tags(unknown.href), ["Appointment"], "how an unknown item is told")
      yield* claim(
        ["Appointment", "Unchanged"].includes(tags(same.href)[0] ?? ""),
        "an item that is as its known etag says is not told"
      )
      yield* claim(
        tags(same.href)[0] !== "Unchanged" || asked.has(same.href),
        "an item is told as Unchanged whose etag was not asked for"
      )
    })
  ),
  law(
    "list",
    "MUST tell the occurrence of an item that does not recur wherever it lies",
    Effect.gen(function* () {
      const { timeZone } = yield* PracticeSubject
      const { href } = yield* made()
      const count = Effect.fnUntraced(function* (fromMs: number, toMs: number) {
        const item = (yield* listed({ timeZone, fromMs, toMs })).items.get(href)?.[0]
        return item?._tag === "Appointment" ? item.occurrences.length : undefined
      })
      yield* claimEqual(yield* count(dayMs, dayMs + hourMs), 1, "how often in a window of its own term")
      yield* claimEqual(yield* count(dayMs + hourMs, dayMs + 9 * hourMs), 1, "how often in a window after its end")
      yield* claimEqual(yield* count(dayMs - 9 * hourMs, dayMs), 1, "how often in a window before its start")
    })
  ),
  law(
    "list",
    "MUST tell the occurrences of a series that overlap the window, whose end is exclusive",
    Effect.gen(function* () {
      const { timeZone } = yield* PracticeSubject
      const uid = yield* freshUid
      const start = "DTSTART:20310310T090000Z"
      const href = yield* put(`s-${uid}.ics`, foreign(uid).replace(start, `${start}\r\nRRULE:FREQ=DAILY;COUNT=3`))
      const second = Date.UTC(2031, 2, 11, 9)
      const count = Effect.fnUntraced(function* (fromMs: number, toMs: number) {
        const item = (yield* listed({ timeZone, fromMs, toMs })).items.get(href)?.[0]
        return item?._tag === "Appointment" ? item.occurrences.length : undefined
      })
      yield* claimEqual(yield* count(second, second + 1), 1, "how often in the first millisecond of the second")
      yield* claimEqual(yield* count(second - 9 * hourMs, second), 0, "how often until the start of the second")
      yield* claimEqual(yield* count(second, second + 48 * hourMs), 2, "how often from the second on")
    })
  ),
  law(
    "list",
    "MUST tell a malformed object as Unreadable, and the others whole",
    Effect.gen(function* () {
      const { takesMalformed } = yield* PracticeSubject
      if (!takesMalformed) return yield* new NotRun({ reason: "the calendar refuses to store malformed objects" })
      const uid = yield* freshUid
      const bad = yield* put(`a-${uid}.ics`, foreign(uid).replace("DTSTART:20310310T090000Z", "DTSTART:yesterday"))
      const good = yield* made()
      const { items } = yield* listed()
      yield* claimEqual(items.get(bad)?.[0]?._tag, "Unreadable", "how a malformed object is told")
      yield* claimEqual(items.get(good.href)?.[0]?._tag, "Appointment", "how another is told")
    })
  ),
  law(
    "list",
    "MUST read times without a zone in the window's zone",
    Effect.gen(function* () {
      const uid = yield* freshUid
      const text = foreign(uid).replace("DTSTART:20310310T090000Z", "DTSTART:20310310T100000")
      const href = yield* put(`${uid}.ics`, text.replace("DTEND:20310310T100000Z", "DTEND:20310310T110000"))
      const { term } = yield* onlyOne(yield* look(href))
      yield* claimEqual(term, { startMs: dayMs, endMs: dayMs + hourMs }, "a floating term in Europe/Bratislava")
    })
  ),
  law(
    "list",
    "MUST give a token if and only if it has tokens",
    Effect.gen(function* () {
      const { tokens } = yield* PracticeSubject
      yield* claimEqual((yield* listed()).token !== undefined, tokens !== "none", "whether a listing gives a token")
    })
  )
]

const readLaws: ReadonlyArray<PracticeLaw> = [
  law(
    "read",
    "MUST tell an item as the listing does",
    Effect.gen(function* () {
      const { href } = yield* made()
      yield* claimEqual(yield* look(href), (yield* listed()).items.get(href)?.[0], "an item that is read")
    })
  ),
  law(
    "read",
    "MUST refuse an href of no item with ItemNotFound",
    Effect.gen(function* () {
      const { calendar } = yield* PracticeSubject
      const { href } = yield* made()
      for (const none of [`${href}x`, "", "..", "/", "../../etc/passwd"]) {
        yield* refused(calendar.read(none, yield* wide), "ItemNotFound", `reading ${JSON.stringify(none)}`)
      }
    })
  )
]

/** A token of a listing, or that there are none. */
const token = Effect.gen(function* () {
  const { token } = yield* listed()
  return token === undefined ? yield* new NotRun({ reason: "the calendar has no tokens" }) : token
})

const changesSince = Effect.fnUntraced(function* (since: string) {
  const { calendar } = yield* PracticeSubject
  return yield* told(calendar.changes(since, yield* wide))
})

const changeLaws: ReadonlyArray<PracticeLaw> = [
  law(
    "changes",
    "MUST tell nothing where nothing changed, complete, with a token to go on from",
    Effect.gen(function* () {
      yield* made()
      let since = yield* token
      for (let pass = 0; pass < 3; pass++) {
        const { coverage, items, token: next } = yield* changesSince(since)
        yield* claimEqual([...items.keys()], [], "what changed where nothing did")
        yield* claimEqual(coverage, "complete", "its coverage")
        if (next === undefined) return yield* claim(false, "there is no token to go on from")
        since = next
      }
    })
  ),
  law(
    "changes",
    "MUST tell what was made, changed and removed since the token; or that only a listing tells it",
    Effect.gen(function* () {
      const { calendar, timeZone, tokens } = yield* PracticeSubject
      const [kept, changed, gone] = [yield* made(), yield* made(), yield* made()]
      const since = yield* token
      const fresh = yield* made()
      yield* calendar.update(changed, { text: "theirs" }, timeZone)
      yield* calendar.remove(gone)
      if (tokens === "whole") return yield* refused(changesSince(since), "SyncTokenInvalid", "asking what changed")
      const { coverage, items, token: next } = yield* changesSince(since)
      const tags = (href: string) => (items.get(href) ?? []).map(({ _tag }) => _tag).at(-1)
      yield* claimEqual(
        [tags(fresh.href), tags(changed.href), tags(gone.href), coverage],
        ["Appointment", "Appointment", "Removed", "complete"],
        "how made, changed and removed items are told"
      )
      yield* claim(!["Removed", "Unreadable"].includes(tags(kept.href) ?? ""), "an item that was let alone is told so")
      // What was told is told once.
      const after = yield* changesSince(next ?? "")
      yield* claimEqual([...after.items.keys()], [], "what changed after all changes were told")
    }).pipe(Effect.asVoid)
  ),
  law(
    "changes",
    "MUST tell a removed item as Removed only until it is there again",
    Effect.gen(function* () {
      const { calendar, timeZone, tokens } = yield* PracticeSubject
      if (tokens !== "changes") return yield* new NotRun({ reason: "its tokens do not tell what changed" })
      const item = yield* made()
      const since = yield* token
      yield* calendar.update(item, { text: "one" }, timeZone)
      const first = yield* changesSince(since)
      const now = yield* look(item.href)
      yield* calendar.remove({ href: item.href, etag: now.etag })
      const second = yield* changesSince(first.token ?? "")
      yield* claimEqual(first.items.get(item.href)?.at(-1)?._tag, "Appointment", "how a changed item is told")
      yield* claimEqual(second.items.get(item.href)?.at(-1)?._tag, "Removed", "how it is told once it is removed")
    })
  ),
  law(
    "changes",
    "MUST refuse a token that it never gave with SyncTokenInvalid",
    Effect.gen(function* () {
      for (const never of ["", "nonsense", '{"kind":"sync","collection":"https://example.com/","value":"x"}']) {
        yield* refused(changesSince(never), "SyncTokenInvalid", "asking since such a token")
      }
    })
  )
]

/** Laws of list, read and changes. */
export const readingLaws: ReadonlyArray<PracticeLaw> = [...listLaws, ...readLaws, ...changeLaws]
