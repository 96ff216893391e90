import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { calendarOn, content, event, serve, summarised, timeZone, window } from "./CalDav.ts"
import { errorOpen, type FakeDav, found, multistatus, status } from "./FakeDav.ts"

const puts = ({ asked }: FakeDav) => asked.filter(({ method }) => method === "PUT").length
const deletes = ({ asked }: FakeDav) => asked.filter(({ method }) => method === "DELETE").length

/** How a program of another vendor changes an item. */
const edited = (text: string) =>
  text
    .replace(/DTSTART;TZID[^\r\n]*/, "DTSTART:20310311T120000Z")
    .replace(/DTEND;TZID[^\r\n]*/, "DTEND:20310311T130000Z")
    .replace(/LAST-MODIFIED[^\r\n]*/, "LAST-MODIFIED:20310301T000000Z")

/** What a calendar tells of an item that is known by an etag. */
const toldOf = (calendar: Effect.Success<ReturnType<typeof calendarOn>>, name: string, etag: string) =>
  Effect.map(
    summarised(calendar.list(window, () => Effect.succeed(new Map([[`/cal/${name}`, etag]])))),
    ({ items }) => items[name]
  )

describe("ETags without quotes", () => {
  for (const ifMatch of ["asText", "quoted"] as const) {
    it.effect(`compared ${ifMatch}: an item is made, known, changed and removed, and only if unchanged`, () =>
      Effect.gen(function* () {
        const server = yield* serve({ etags: "unquoted", ifMatch })
        const calendar = yield* calendarOn(server)
        const made = yield* calendar.create(content("a"), timeZone)
        assert.strictEqual(yield* toldOf(calendar, "a.ics", made.etag), "Unchanged")
        const next = yield* calendar.update(made, { text: "x" }, timeZone)
        assert.include(server.objects.get("a.ics") ?? "", "SUMMARY:x")
        assert.strictEqual(yield* toldOf(calendar, "a.ics", next.etag), "Unchanged")
        assert.strictEqual((yield* Effect.flip(calendar.update(made, { text: "y" }, timeZone)))._tag, "ItemChanged")
        assert.strictEqual((yield* Effect.flip(calendar.remove(made)))._tag, "ItemChanged")
        const theirs = edited(server.objects.get("a.ics") ?? "")
        server.habits.instead = ({ headers, method }) => {
          if (method === "PUT" && headers["if-match"] !== undefined) server.put("a.ics", theirs)
          return undefined
        }
        assert.strictEqual((yield* Effect.flip(calendar.update(next, { text: "z" }, timeZone)))._tag, "ItemChanged")
        assert.strictEqual(server.objects.get("a.ics"), theirs)
        server.habits.instead = () => undefined
        const now = yield* calendar.read("/cal/a.ics", window)
        yield* calendar.remove({ href: "/cal/a.ics", etag: now._tag === "Appointment" ? now.etag : "" })
        assert.strictEqual(server.objects.size, 0)
      }).pipe(Effect.scoped)
    )
  }

  it.effect("in listings only are the same ETag, and If-Match has that of the item itself", () =>
    Effect.gen(function* () {
      const server = yield* serve({
        change: (_asked, answer) => ({
          ...answer,
          body: (answer.body ?? "").replaceAll(/(getetag>)"|"(<\/getetag)/g, "$1$2")
        })
      })
      const calendar = yield* calendarOn(server)
      const { etag, href } = yield* calendar.create(content("a"), timeZone)
      const unquoted = etag.replaceAll('"', "")
      assert.strictEqual(yield* toldOf(calendar, "a.ics", etag), "Unchanged")
      yield* calendar.update({ href, etag: unquoted }, { text: "x" }, timeZone)
      assert.strictEqual(server.asked.at(-1)?.headers["if-match"], etag)
      assert.strictEqual(puts(server), 2)
    }).pipe(Effect.scoped)
  )
})

describe("a server that does not know its own ETags, for a proxy in front of it gives others", () => {
  it.effect("is written to once, after a comparison, and nothing of another program is lost", () =>
    Effect.gen(function* () {
      const server = yield* serve({ ifMatch: "never" })
      const calendar = yield* calendarOn(server)
      const made = yield* calendar.create(content("a"), timeZone)
      const next = yield* calendar.update(made, { text: "x" }, timeZone)
      assert.strictEqual(puts(server), 3)
      assert.include(server.objects.get("a.ics") ?? "", "SUMMARY:x")
      const theirs = edited(server.objects.get("a.ics") ?? "")
      server.habits.instead = ({ headers, method }) => {
        if (method !== "GET" && headers["if-match"] !== undefined) server.put("a.ics", theirs)
        return undefined
      }
      assert.strictEqual((yield* Effect.flip(calendar.update(next, { text: "y" }, timeZone)))._tag, "ItemChanged")
      assert.strictEqual((yield* Effect.flip(calendar.remove(next)))._tag, "ItemChanged")
      assert.strictEqual(server.objects.get("a.ics"), theirs)
      const now = yield* calendar.read("/cal/a.ics", window)
      yield* calendar.remove({ href: "/cal/a.ics", etag: now._tag === "Appointment" ? now.etag : "" })
      assert.strictEqual(server.objects.size, 0)
    }).pipe(Effect.scoped)
  )
})

describe("a server with weak ETags, or none", () => {
  for (const etags of ["weak", "none"] as const) {
    it.effect(
      `${etags}: what another program adds to our change before our reading back is told by the next listing`,
      () =>
        Effect.gen(function* () {
          const server = yield* serve({ etags, etagOnPut: false })
          const calendar = yield* calendarOn(server)
          const made = yield* calendar.create(content("a"), timeZone)
          server.habits.change = (asked, answer) => {
            if (asked.method === "PUT") server.put("a.ics", edited(server.objects.get("a.ics") ?? ""))
            return answer
          }
          // Ours is in it, and theirs too: an ETag of that content would hide their change for ever.
          const ref = yield* calendar.update(made, { text: "x" }, timeZone)
          server.habits.change = (_asked, answer) => answer
          assert.strictEqual(yield* toldOf(calendar, "a.ics", ref.etag), "Appointment")
          assert.strictEqual((yield* Effect.flip(calendar.update(ref, { text: "y" }, timeZone)))._tag, "ItemChanged")
          const read = yield* calendar.read("/cal/a.ics", window)
          assert.isTrue(read._tag === "Appointment" && read.etag !== ref.etag)
        }).pipe(Effect.scoped)
    )

    it.effect(`${etags}: the same for what another program does to a new item`, () =>
      Effect.gen(function* () {
        const server = yield* serve({ etags, etagOnPut: false })
        server.habits.change = (asked, answer) => {
          if (asked.method === "PUT") server.put("a.ics", edited(server.objects.get("a.ics") ?? ""))
          return answer
        }
        const calendar = yield* calendarOn(server)
        const made = yield* calendar.create(content("a"), timeZone)
        assert.strictEqual(yield* toldOf(calendar, "a.ics", made.etag), "Appointment")
        assert.strictEqual(puts(server), 1)
      }).pipe(Effect.scoped)
    )
  }

  it.effect("an object that is made anew for each answer, with the time of it, is the same", () =>
    Effect.gen(function* () {
      let answers = 0
      const server = yield* serve({
        etags: "none",
        change: (_asked, answer) => ({
          ...answer,
          body: (answer.body ?? "").replaceAll(
            /DTSTAMP:\d{8}T\d{6}Z/g,
            () => `DTSTAMP:20310101T${100_000 + answers++}Z`
          )
        })
      })
      const calendar = yield* calendarOn(server)
      const made = yield* calendar.create(content("a"), timeZone)
      const next = yield* calendar.update(made, { text: "x" }, timeZone)
      const [one, other] = [yield* calendar.read(next.href, window), yield* calendar.read(next.href, window)]
      assert.isTrue(one._tag === "Appointment" && other._tag === "Appointment" && one.etag === other.etag)
      assert.isTrue(one._tag === "Appointment" && one.etag === next.etag)
      yield* calendar.remove(next)
      assert.strictEqual(server.objects.size, 0)
    }).pipe(Effect.scoped)
  )
})

describe("a server that keeps no properties that it does not know", () => {
  const stored = (text: string) => text.replaceAll(/^X-[^\r\n]*\r\n/gm, "")

  for (const etagOnPut of [true, false]) {
    it.effect(
      `${etagOnPut ? "and says it does" : "and does not say so"}: makes an item once, and refuses did-not-come`,
      () =>
        Effect.gen(function* () {
          const server = yield* serve({ stored, etagOnPut })
          const calendar = yield* calendarOn(server)
          const made = yield* calendar.create(content("a"), timeZone)
          assert.strictEqual(puts(server), 1)
          assert.strictEqual(yield* toldOf(calendar, "a.ics", made.etag), "Unchanged")
          const marked = yield* calendar.update(made, { mark: content("a").mark, text: "x" }, timeZone)
          assert.strictEqual(yield* toldOf(calendar, "a.ics", marked.etag), "Unchanged")
          // Taken for done, the next listing would take it back in Bookio.
          const error = yield* Effect.flip(calendar.update(marked, { status: "DID_NOT_COME" }, timeZone))
          assert.isTrue(error._tag === "ItemRefused" && error.problem.includes("does not keep"))
        }).pipe(Effect.scoped)
    )
  }

  it.effect("has one item of a UID whose first answer was lost, and leaves what another program made of it", () =>
    Effect.gen(function* () {
      const server = yield* serve({
        stored,
        change: (asked, answer) => (asked.method === "PUT" ? { ...answer, status: 502 } : answer)
      })
      const calendar = yield* calendarOn(server)
      const lost = yield* Effect.flip(calendar.create(content("a"), timeZone))
      assert.isTrue(lost._tag === "PracticeError" && lost.reason === "OutcomeUnknown")
      server.habits.change = (_asked, answer) => answer
      const made = yield* calendar.create(content("a"), timeZone)
      assert.strictEqual(made.href, "/cal/a.ics")
      assert.strictEqual(yield* toldOf(calendar, "a.ics", made.etag), "Unchanged")
      server.put("a.ics", edited(server.objects.get("a.ics") ?? ""))
      const other = yield* Effect.flip(calendar.create(content("a"), timeZone))
      assert.isTrue(other._tag === "ItemExists" && other.href === "/cal/a.ics")
    }).pipe(Effect.scoped)
  )

  it.effect("a text that it cuts is refused, and not written again and again", () =>
    Effect.gen(function* () {
      const server = yield* serve({ stored: (text) => text.replace(/SUMMARY:.*/, "SUMMARY:cut"), etagOnPut: false })
      server.put("a.ics", event("a"))
      const calendar = yield* calendarOn(server)
      const item = yield* calendar.read("/cal/a.ics", window)
      const ref = { href: "/cal/a.ics", etag: item._tag === "Appointment" ? item.etag : "" }
      assert.strictEqual(
        (yield* Effect.flip(calendar.update(ref, { text: "a long one" }, timeZone)))._tag,
        "ItemRefused"
      )
    }).pipe(Effect.scoped)
  )

  it.effect("one that writes the object its own way has what it was sent", () =>
    Effect.gen(function* () {
      const server = yield* serve({
        etagOnPut: false,
        stored: (text) =>
          text.replace(/PRODID[^\r\n]*/, "PRODID:-//Server//EN").replace("SEQUENCE:0\r\n", "") +
          (text.endsWith("\r\n") ? "" : "\r\n")
      })
      const calendar = yield* calendarOn(server)
      const made = yield* calendar.create(content("a"), timeZone)
      const next = yield* calendar.update(made, { text: "x" }, timeZone)
      assert.strictEqual(yield* toldOf(calendar, "a.ics", next.etag), "Unchanged")
      assert.strictEqual(puts(server), 2)
    }).pipe(Effect.scoped)
  )
})

describe("a server that gives items names of its own", () => {
  it.effect("and does not tell them: the item is found by its UID", () =>
    Effect.gen(function* () {
      const server = yield* serve({ renamed: () => "AAMkAD.EML", etagOnPut: false })
      const calendar = yield* calendarOn(server)
      const made = yield* calendar.create(content("a,b"), timeZone)
      assert.strictEqual(made.href, "/cal/AAMkAD.EML")
      assert.strictEqual(yield* toldOf(calendar, "AAMkAD.EML", made.etag), "Unchanged")
      yield* calendar.remove(made)
      assert.strictEqual(server.objects.size, 0)
    }).pipe(Effect.scoped)
  )

  it.effect("and that ignores the question gives nothing that is not read to have the UID", () =>
    Effect.gen(function* () {
      const server = yield* serve({
        renamed: () => "lost.ics",
        etagOnPut: false,
        instead: ({ body }) =>
          body.includes("calendar-query")
            ? { status: 207, body: multistatus([found("/cal/other.ics", "<getetag>&quot;1&quot;</getetag>")]) }
            : undefined
      })
      server.put("other.ics", event("other"))
      const error = yield* Effect.flip((yield* calendarOn(server)).create(content("a"), timeZone))
      assert.isTrue(error._tag === "PracticeError" && error.reason === "OutcomeUnknown")
    }).pipe(Effect.scoped)
  )

  const conflicts = [
    [
      "409 without an href",
      { status: 409, body: `${errorOpen}<C:no-uid-conflict xmlns:C="urn:ietf:params:xml:ns:caldav"/></D:error>` }
    ],
    [
      "400, as Nextcloud",
      { status: 400, body: `${errorOpen}<s:message xmlns:s="http://sabredav.org/ns">exists</s:message></D:error>` }
    ],
    ["403", { status: 403 }]
  ] as const
  for (const [what, answer] of conflicts) {
    it.effect(`a UID that is there, refused by ${what}, exists; one that is not is refused`, () =>
      Effect.gen(function* () {
        const server = yield* serve({ instead: ({ method }) => (method === "PUT" ? answer : undefined) })
        server.put("elsewhere.ics", event("a"))
        const calendar = yield* calendarOn(server)
        const error = yield* Effect.flip(calendar.create(content("a"), timeZone))
        assert.isTrue(error._tag === "ItemExists" && error.href === "/cal/elsewhere.ics")
        const other = yield* Effect.flip(calendar.create(content("b"), timeZone))
        assert.strictEqual(other._tag, what.startsWith("409") ? "ItemExists" : "ItemRefused")
      }).pipe(Effect.scoped)
    )
  }
})

describe("403 or 409 in place of 412", () => {
  for (const code of [403, 409]) {
    it.effect(`${code} for what was changed is ItemChanged, for what is gone ItemNotFound, else a refusal`, () =>
      Effect.gen(function* () {
        const server = yield* serve()
        const calendar = yield* calendarOn(server)
        const ref = yield* calendar.create(content("a"), timeZone)
        server.habits.instead = ({ method }) => (method === "PUT" || method === "DELETE" ? { status: code } : undefined)
        assert.strictEqual((yield* Effect.flip(calendar.update(ref, { text: "x" }, timeZone)))._tag, "ItemRefused")
        assert.strictEqual((yield* Effect.flip(calendar.remove(ref)))._tag, "ItemRefused")
        assert.strictEqual(deletes(server), 1)
        server.habits.instead = ({ method }) => {
          if (method !== "PUT" && method !== "DELETE") return undefined
          server.put("a.ics", event("a"))
          return { status: code }
        }
        assert.strictEqual((yield* Effect.flip(calendar.update(ref, { text: "x" }, timeZone)))._tag, "ItemChanged")
        assert.strictEqual((yield* Effect.flip(calendar.remove(ref)))._tag, "ItemChanged")
        server.remove("a.ics")
        server.habits.instead = ({ method }) => (method === "DELETE" ? { status: code } : undefined)
        assert.strictEqual((yield* Effect.flip(calendar.remove(ref)))._tag, "ItemNotFound")
      }).pipe(Effect.scoped)
    )
  }
})

describe("listings", () => {
  it.effect("one status of several hrefs is that of each", () =>
    Effect.gen(function* () {
      const server = yield* serve()
      const calendar = yield* calendarOn(server)
      const { token } = yield* summarised(calendar.list(window))
      const both =
        "<response><href>/cal/a.ics</href><href>/cal/b.ics</href><status>HTTP/1.1 404 Gone</status></response>"
      server.habits.change = (asked, answer) =>
        asked.body.includes("sync-collection") ? { status: 207, body: multistatus([both], "urn:fake:0") } : answer
      const { items } = yield* summarised(calendar.changes(token ?? "", window))
      assert.deepStrictEqual(items, { "a.ics": "Removed", "b.ics": "Removed" })
    }).pipe(Effect.scoped)
  )

  it.effect("an answer without the collection itself and without members is no empty calendar", () =>
    Effect.gen(function* () {
      const server = yield* serve()
      server.put("a.ics", event("a"))
      const calendar = yield* calendarOn(server)
      server.habits.change = (asked, answer) =>
        asked.headers.depth === "1" && asked.method === "PROPFIND" ? { status: 207, body: multistatus([]) } : answer
      assert.strictEqual((yield* summarised(calendar.list(window))).coverage, "unknown")
      server.habits.change = (asked, answer) =>
        asked.headers.depth === "1" && asked.method === "PROPFIND"
          ? { status: 207, body: multistatus([found("/cal/", "<resourcetype><collection/></resourcetype>")]) }
          : answer
      assert.strictEqual((yield* summarised(calendar.list(window))).coverage, "complete")
    }).pipe(Effect.scoped)
  )

  it.effect("an object that came back without its event is unreadable, and not removed", () =>
    Effect.gen(function* () {
      const server = yield* serve()
      server.put("a.ics", "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Server//EN\r\nEND:VCALENDAR\r\n")
      const { items } = yield* summarised((yield* calendarOn(server)).list(window))
      assert.deepStrictEqual(items, { "a.ics": "Unreadable" })
    }).pipe(Effect.scoped)
  )

  it.effect("members with a status alone, under any prefix, in CDATA, are read", () =>
    Effect.gen(function* () {
      const server = yield* serve({
        change: (asked, answer) =>
          asked.headers.depth === "1" && asked.method === "PROPFIND"
            ? { ...answer, body: multistatus([found("/cal/", "<resourcetype/>"), status("/cal/a.ics", 200)]) }
            : asked.body.includes("multiget")
              ? {
                  status: 207,
                  body:
                    '<?xml version="1.0"?><x:multistatus xmlns:x="DAV:" xmlns:y="urn:ietf:params:xml:ns:caldav"><x:response>' +
                    '<x:href>a.ics</x:href><x:propstat><x:prop><x:getetag><![CDATA["1"]]></x:getetag>' +
                    `<y:calendar-data><![CDATA[${event("a", ["LOCATION:<&>"])}]]></y:calendar-data></x:prop>` +
                    "<x:status>HTTP/1.1 200 OK</x:status></x:propstat></x:response></x:multistatus>"
                }
              : answer
      })
      const { coverage, items } = yield* summarised((yield* calendarOn(server)).list(window))
      assert.deepStrictEqual(items, { "a.ics": "Appointment" })
      assert.strictEqual(coverage, "complete")
    }).pipe(Effect.scoped)
  )

  it.effect("are asked for uncompressed: some servers change the ETag of what they compress", () =>
    Effect.gen(function* () {
      const server = yield* serve()
      yield* summarised((yield* calendarOn(server)).list(window))
      assert.isTrue(server.asked.every(({ headers }) => headers["accept-encoding"] === "identity"))
    }).pipe(Effect.scoped)
  )
})
