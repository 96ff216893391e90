/** Laws of creating, changing and removing items. */
import type { AppointmentChange, AppointmentContent } from "@bookio-kit/core/sync/Appointment"
import * as Effect from "effect/Effect"
import {
  claim,
  claimEqual,
  contentOf,
  dayMs,
  foreign,
  freshUid,
  hourMs,
  listed,
  look,
  made,
  onlyOne,
  put,
  rawOf,
  refused
} from "./Items.ts"
import { law, type PracticeLaw } from "./PracticeLaw.ts"
import { PracticeSubject } from "./PracticeSubject.ts"

const texts: ReadonlyArray<string> = [
  "",
  "J. A.",
  "A title\nand a description, with; signs \\ of iCalendar\nand \\n no line",
  `Žofia Ťažká 👩🏽‍⚕️ ${"dlhý text ".repeat(40)}`.trim()
]

/** Claims that an item shows a content. */
const shows = Effect.fnUntraced(function* (href: string, content: Omit<AppointmentContent, "uid"> & { uid?: string }) {
  const item = yield* look(href)
  const occurrence = yield* onlyOne(item)
  if (content.uid !== undefined) yield* claimEqual(item.uid, content.uid, "the UID")
  yield* claimEqual(item.mark, content.mark, "the mark")
  yield* claimEqual(occurrence.term, content.term, "the term")
  yield* claimEqual(occurrence.text, content.text, "the text")
  yield* claimEqual(item.didNotCome, content.status === "DID_NOT_COME", "whether the patient did not come")
  yield* claimEqual(occurrence.status, content.status === "CANCELLED" ? "cancelled" : "confirmed", "the status")
  return item
})

const createLaws: ReadonlyArray<PracticeLaw> = [
  ...(["CONFIRMED", "CANCELLED", "DID_NOT_COME"] as const).map((status) =>
    law(
      "create",
      `MUST make an item of status ${status} that reads as it was given`,
      Effect.gen(function* () {
        const { content, href } = yield* made({ status })
        yield* shows(href, content)
      })
    )
  ),
  law(
    "create",
    "MUST keep any text: empty, of several lines, of signs that the format uses, of any letters, long",
    Effect.gen(function* () {
      for (const text of texts) {
        const { content, href } = yield* made({ text })
        yield* shows(href, content)
      }
    })
  ),
  law(
    "create",
    "MUST write terms as instants on either side of both clock changes and over midnight",
    Effect.gen(function* () {
      for (const startMs of [
        Date.UTC(2031, 2, 29, 22, 30),
        Date.UTC(2031, 2, 30, 0, 30),
        Date.UTC(2031, 2, 30, 1),
        Date.UTC(2031, 9, 25, 23, 30),
        Date.UTC(2031, 9, 26, 0),
        Date.UTC(2031, 9, 26, 2)
      ]) {
        const { content, href } = yield* made({ term: { startMs, endMs: startMs + 24 * hourMs } })
        yield* shows(href, content)
      }
    })
  ),
  law(
    "create",
    "MUST make what is private, the owner's own, of nobody else, and busy unless cancelled",
    Effect.gen(function* () {
      for (const status of ["CONFIRMED", "CANCELLED"] as const) {
        const item = yield* look((yield* made({ status })).href)
        const { isPrivate, isTransparent, participation } = yield* onlyOne(item)
        yield* claimEqual(
          { isPrivate, isTransparent, participation, attendees: item.attendees.length },
          { isPrivate: true, isTransparent: status === "CANCELLED", participation: "organizer", attendees: 0 },
          "how an item of ours is shown"
        )
      }
    })
  ),
  law(
    "create",
    "MUST give the href and the etag under which the item is read and listed",
    Effect.gen(function* () {
      const { etag, href } = yield* made()
      yield* claimEqual((yield* look(href)).etag, etag, "the etag that is read")
      const [item] = (yield* listed()).items.get(href) ?? []
      yield* claim(
        item?._tag === "Appointment" && item.etag === etag,
        "the item is listed otherwise than it was created"
      )
    })
  ),
  law(
    "create",
    "MUST refuse a second item of one UID with ItemExists, and leave the first as it is",
    Effect.gen(function* () {
      const { calendar, timeZone } = yield* PracticeSubject
      const { content, etag, href } = yield* made()
      const second = { ...content, text: "another" }
      yield* refused(calendar.create(second, timeZone), "ItemExists", "a second item of one UID")
      yield* claimEqual((yield* shows(href, content)).etag, etag, "the first one's etag")
    })
  ),
  law(
    "create",
    "MUST refuse a UID that another program gave to an object of any name",
    Effect.gen(function* () {
      const { calendar, timeZone } = yield* PracticeSubject
      const uid = yield* freshUid
      yield* put(`other-name-of-${uid}.ics`, foreign(uid))
      yield* listed()
      yield* refused(calendar.create(contentOf(uid), timeZone), "ItemExists", "an item of a UID that is there")
    })
  )
]

const changes: ReadonlyArray<readonly [what: string, change: AppointmentChange]> = [
  ["its term", { term: { startMs: dayMs + 3 * hourMs, endMs: dayMs + 5 * hourMs } }],
  ["its status to CANCELLED", { status: "CANCELLED" }],
  ["its status to DID_NOT_COME", { status: "DID_NOT_COME" }],
  ["its text", { text: "Reserved\nby phone" }],
  ["its mark", { mark: { kind: "blockedTime", facilityId: 8, id: 12, signature: "b3RoZXI" } }],
  [
    "all at once",
    {
      term: { startMs: dayMs - hourMs, endMs: dayMs },
      status: "CANCELLED",
      text: "",
      mark: { kind: "reservation", facilityId: 9, id: 13, signature: "YWxs" }
    }
  ]
]

const updateLaws: ReadonlyArray<PracticeLaw> = [
  ...changes.map(([what, change]) =>
    law(
      "update",
      `MUST change ${what}, keep the rest, and give the etag of the result`,
      Effect.gen(function* () {
        const { calendar, timeZone } = yield* PracticeSubject
        const item = yield* made()
        const ref = yield* calendar.update(item, change, timeZone)
        yield* claimEqual(ref.href, item.href, "the href of a changed item")
        yield* claim(ref.etag !== item.etag, "another content has the same etag")
        const read = yield* shows(item.href, { ...item.content, ...change })
        yield* claimEqual(read.etag, ref.etag, "the etag that is read")
      })
    )
  ),
  law(
    "update",
    "MUST take back a cancellation and a did-not-come",
    Effect.gen(function* () {
      const { calendar, timeZone } = yield* PracticeSubject
      for (const status of ["CANCELLED", "DID_NOT_COME"] as const) {
        const item = yield* made({ status })
        yield* calendar.update(item, { status: "CONFIRMED" }, timeZone)
        yield* shows(item.href, { ...item.content, status: "CONFIRMED" })
      }
    })
  ),
  law(
    "update",
    "MUST write nothing where the item shows the change already: its etag stays",
    Effect.gen(function* () {
      const { calendar, timeZone } = yield* PracticeSubject
      for (const [, change] of changes) {
        const item = yield* made()
        const first = yield* calendar.update(item, change, timeZone)
        const again = yield* calendar.update(first, change, timeZone)
        yield* claimEqual(again, first, "the ref after the same change again")
        yield* claimEqual((yield* look(item.href)).etag, first.etag, "the etag that is read after it")
      }
    })
  ),
  law(
    "update",
    "MUST refuse an etag that is not that of the content with ItemChanged, and change nothing",
    Effect.gen(function* () {
      const { calendar, timeZone } = yield* PracticeSubject
      const item = yield* made()
      const now = yield* calendar.update(item, { text: "theirs" }, timeZone)
      for (const change of [{ text: "ours" }, { text: "theirs" }]) {
        yield* refused(calendar.update(item, change, timeZone), "ItemChanged", "a change that starts from an old etag")
      }
      yield* claimEqual((yield* shows(item.href, { ...item.content, text: "theirs" })).etag, now.etag, "the etag")
    })
  ),
  law(
    "update",
    "MUST refuse an item that is not there with ItemNotFound",
    Effect.gen(function* () {
      const { calendar, timeZone } = yield* PracticeSubject
      const item = yield* made()
      yield* calendar.remove(item)
      yield* refused(calendar.update(item, { text: "x" }, timeZone), "ItemNotFound", "a change of a removed item")
    })
  ),
  law(
    "update",
    "MUST refuse what another program changed meanwhile with ItemChanged",
    Effect.gen(function* () {
      const { calendar, timeZone } = yield* PracticeSubject
      const raw = yield* rawOf
      const uid = yield* freshUid
      const href = yield* put(`${uid}.ics`, foreign(uid))
      const { etag } = yield* look(href)
      yield* raw.put(`${uid}.ics`, foreign(uid, ["LOCATION:Room 2"]))
      yield* refused(calendar.update({ href, etag }, { text: "x" }, timeZone), "ItemChanged", "a change of it")
      yield* claim((yield* raw.get(href)).includes("LOCATION:Room 2"), "the other program's change is lost")
    })
  ),
  law(
    "update",
    "MUST keep what it does not know: properties, parameters, components, alarms",
    Effect.gen(function* () {
      const { calendar, timeZone } = yield* PracticeSubject
      const raw = yield* rawOf
      const uid = yield* freshUid
      const lines = [
        "LOCATION;LANGUAGE=sk:Ambulancia 3",
        "X-EXAMPLE-SECRET;X-P=1:keep me",
        "CATEGORIES:A,B",
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        "DESCRIPTION:soon",
        "TRIGGER:-PT15M",
        "END:VALARM"
      ]
      const href = yield* put(`${uid}.ics`, foreign(uid, lines))
      const { etag } = yield* look(href)
      yield* calendar.update({ href, etag }, { term: { startMs: dayMs, endMs: dayMs + 2 * hourMs } }, timeZone)
      const text = (yield* raw.get(href)).replace(/\r?\n[ \t]/g, "")
      const lost = lines.filter((line) => !text.includes(line))
      yield* claim(lost.length === 0, `a change loses ${lost.join(" and ")}`)
    })
  )
]

const removeLaws: ReadonlyArray<PracticeLaw> = [
  law(
    "remove",
    "MUST remove an item: it is neither read nor listed",
    Effect.gen(function* () {
      const { calendar } = yield* PracticeSubject
      const item = yield* made()
      yield* calendar.remove(item)
      yield* refused(look(item.href), "ItemNotFound", "reading a removed item")
      const told = (yield* listed()).items.get(item.href) ?? []
      yield* claim(
        told.every(({ _tag }) => _tag === "Removed"),
        "a removed item is listed"
      )
    })
  ),
  law(
    "remove",
    "MUST refuse an etag that is not that of the content with ItemChanged, and keep the item",
    Effect.gen(function* () {
      const { calendar, timeZone } = yield* PracticeSubject
      const item = yield* made()
      yield* calendar.update(item, { text: "theirs" }, timeZone)
      yield* refused(calendar.remove(item), "ItemChanged", "a removal that starts from an old etag")
      yield* shows(item.href, { ...item.content, text: "theirs" })
    })
  ),
  law(
    "remove",
    "MUST refuse an item that is not there with ItemNotFound",
    Effect.gen(function* () {
      const { calendar } = yield* PracticeSubject
      const item = yield* made()
      yield* calendar.remove(item)
      yield* refused(calendar.remove(item), "ItemNotFound", "a second removal")
    })
  )
]

/** Laws of create, update and remove. */
export const writeLaws: ReadonlyArray<PracticeLaw> = [...createLaws, ...updateLaws, ...removeLaws]
