/**
 * Reads and writes single items (RFC 4791, 5.3): created only if absent, changed and removed only if unchanged, and read
 * back where the server does not promise to have stored what it was sent.
 */
import type { AppointmentChange, AppointmentContent } from "@bookio-kit/core/sync/Appointment"
import type { CalendarWindow, ItemRef } from "@bookio-kit/core/sync/PracticeCalendar"
import {
  ItemChanged,
  ItemExists,
  ItemNotFound,
  ItemRefused,
  PracticeError
} from "@bookio-kit/core/sync/PracticeCalendar"
import type { TimeZone } from "@bookio-kit/core/time/TimeZone"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { rewriteItem, writeItem } from "../ical/WriteItem.ts"
import type { DavAnswer, DavClient, DavRequest } from "./Client.ts"
import type { Collection } from "./Discover.ts"
import { etagOf, isOf, isQuoted, isUsable } from "./Etags.ts"
import { failure } from "./Failures.ts"
import { findItem } from "./Find.ts"
import { nameOf, pathOf, placeOf } from "./Href.ts"
import { readPreconditions } from "./Multistatus.ts"
import { cal, dav } from "./Names.ts"
import { isUnmarkedTwin, type Sent, shownIn } from "./ReadBack.ts"
import { type Content, getOne, itemOf } from "./Resource.ts"

// What a PUT is answered with for this one item (RFC 4791, 5.3.2.1); sabre answers 400 for a UID in Nextcloud's bin.
const refusals: ReadonlySet<number> = new Set([400, 403, 409, 412, 413, 415, 422])

// Answers with which servers also say that the item is not what the request takes it for, or that its UID is taken.
const conflicts: ReadonlySet<number> = new Set([400, 403, 409])

const localOf = (name: string) => name.slice(name.indexOf("}") + 1)

export interface ChangesOptions {
  /** Look whether a new item's place is free before it is written; where left out, with servers known to need it. */
  readonly checksBeforeCreate: boolean | undefined
}

// Google documents that it knows If-Match only; DavMail passes over If-None-Match unless its settings say otherwise.
const needsCheck = ({ server, url }: Collection) =>
  /(?:^|\.)google(?:usercontent|apis)?\.com$/.test(url.hostname) || /^DavMail\b/i.test(server)

/** Makes `read`, `create`, `update` and `remove` of a calendar. */
export const makeChanges = (
  client: DavClient,
  found: Effect.Effect<Collection, PracticeError>,
  options: ChangesOptions
) => {
  const urlOf = (path: string, collection: Collection) => new URL(path, collection.url)

  const unknownOutcome = ({ retryAfterMs }: { readonly retryAfterMs?: number | undefined } = {}) =>
    new PracticeError({
      reason: "OutcomeUnknown",
      problem: `${client.options.url.host} took a change that could not be read back; read the item`,
      ...(retryAfterMs === undefined ? {} : { retryAfterMs })
    })

  /** The error of a PUT or DELETE that was not taken. */
  const refusal = Effect.fnUntraced(function* (
    answer: DavAnswer,
    collection: Collection
  ): Effect.fn.Return<ItemExists | ItemRefused | PracticeError> {
    const preconditions = yield* readPreconditions(answer.bytes)
    const named = (name: string) => preconditions.find((precondition) => precondition.name === name)
    const conflict = named(cal("no-uid-conflict"))
    if (conflict !== undefined) {
      const href = conflict.href === undefined ? undefined : pathOf(conflict.href, collection.url)
      return new ItemExists(href === undefined ? {} : { href })
    }
    if (!refusals.has(answer.status) || named(dav("need-privileges")) !== undefined) {
      return yield* failure(client, answer, "write")
    }
    const names = preconditions.map(({ name }) => localOf(name)).filter((name) => /^[\w-]{1,60}$/.test(name))
    return new ItemRefused({
      problem:
        `the calendar server answered ${answer.status}` +
        (names.length === 0 ? "; look at the item's rights, size and UID" : `: ${names.join(", ")}`)
    })
  })

  const read = Effect.fnUntraced(function* (href: string, window: CalendarWindow) {
    const collection = yield* found
    const path = pathOf(href, collection.url)
    if (path === undefined || placeOf(path, collection.url) !== "member") return yield* new ItemNotFound()
    const content = yield* getOne(client, collection, path)
    const item = itemOf(href, content, { window, owner: collection.owner })
    if (item === undefined) {
      return yield* new PracticeError({
        reason: "MalformedResponse",
        problem: `an answer of the calendar server ${client.options.url.host} ended early`
      })
    }
    return item._tag === "Removed" ? yield* new ItemNotFound() : item
  })

  const create = Effect.fnUntraced(function* (content: AppointmentContent, timeZone: TimeZone) {
    const collection = yield* found
    const asked = new URL(nameOf(content.uid), collection.url)
    const place = pathOf(asked.pathname, collection.url) ?? asked.pathname
    const nowMs = yield* Clock.currentTimeMillis
    const { mark, status, term, text, uid } = content
    const change: AppointmentChange = { mark, status, term, text }
    const body = writeItem(content, timeZone, nowMs)
    const sent: Sent = { text: body, change, timeZone, nowMs, owner: collection.owner }
    /** What has the UID: ours from before a lost answer where nothing but its mark is missing, or another. */
    const taken = Effect.fnUntraced(function* (otherwise: ItemExists | ItemRefused) {
      const there = yield* Effect.orElseSucceed(findItem(client, collection, uid, place), () => undefined)
      if (there === undefined) return yield* otherwise
      if (!isUnmarkedTwin(there.content.text, sent)) return yield* new ItemExists({ href: there.path })
      return { href: there.path, etag: there.content.etag } satisfies ItemRef
    })
    const isChecked = options.checksBeforeCreate ?? needsCheck(collection)
    if (isChecked && (yield* getOne(client, collection, place))._tag !== "Missing") {
      return yield* taken(new ItemExists({ href: place }))
    }
    const answer = yield* client.send({ method: "PUT", url: asked, headers: { "if-none-match": "*" }, body })
    if (answer.status === 412) return yield* taken(new ItemExists({ href: place }))
    if (answer.status < 200 || answer.status >= 300) {
      const error = yield* refusal(answer, collection)
      if (error._tag === "PracticeError") return yield* error
      // Many say that a UID is taken without the name of what has it.
      return yield* error._tag === "ItemExists" || conflicts.has(answer.status) ? taken(error) : error
    }
    const { location } = answer.headers
    const moved = location === undefined ? undefined : pathOf(location, answer.url)
    const path = moved !== undefined && placeOf(moved, collection.url) === "member" ? moved : place
    const { etag } = answer.headers
    if (etag !== undefined && isUsable(etag)) return { href: path, etag } satisfies ItemRef
    const back = yield* Effect.mapError(findItem(client, collection, uid, path), unknownOutcome)
    if (back === undefined) return yield* unknownOutcome()
    const shown = shownIn(back.content.text, sent)
    return { href: back.path, etag: shown === "same" ? back.content.etag : etagOf(undefined, body) } satisfies ItemRef
  })

  /** The content of an item that is still as its etag says. */
  const unchanged = Effect.fnUntraced(function* (item: ItemRef, path: string, collection: Collection) {
    const content = yield* getOne(client, collection, path)
    switch (content._tag) {
      case "Missing":
        return yield* new ItemNotFound()
      case "Text":
        return isOf(item.etag, content.given, content.text) ? content : yield* new ItemChanged()
      case "Problem":
        return yield* new ItemRefused({ problem: content.problem })
      case "Failed":
        return yield* new PracticeError({
          reason: "MalformedResponse",
          problem: `an answer of the calendar server ${client.options.url.host} ended early`
        })
    }
  })

  const placed = Effect.fnUntraced(function* ({ href }: ItemRef) {
    const collection = yield* found
    const path = pathOf(href, collection.url)
    // An href of elsewhere must not make us write there.
    if (path === undefined || placeOf(path, collection.url) !== "member") return yield* new ItemNotFound()
    return { collection, path }
  })

  /** If-Match, where the etag is one that the server can compare; else the comparison just made has to do. */
  const onlyIf = (etag: string): { readonly headers?: { readonly [name: string]: string } } =>
    isUsable(etag) ? { headers: { "if-match": etag } } : {}

  const lookAgain = Effect.fnUntraced(function* (item: ItemRef, path: string, collection: Collection) {
    const content: Content = yield* getOne(client, collection, path)
    if (content._tag === "Missing") return yield* new ItemNotFound()
    return content._tag === "Text" && isOf(item.etag, content.given, content.text)
  })

  /**
   * Sends a change on the condition that the item is as its etag says, and gives the answer. `isProven`: the server compared
   * the etags; otherwise what it has must be read back.
   */
  const sendOnlyIf = Effect.fnUntraced(function* (
    request: DavRequest,
    item: ItemRef,
    etag: string,
    path: string,
    collection: Collection
  ) {
    const isProven = isUsable(etag)
    const answer = yield* client.send({ ...request, ...onlyIf(etag) })
    if (answer.status === 404 || answer.status === 410) return yield* new ItemNotFound()
    // Servers say 412 also for what is not there any more, and some say 403 or 409 for what was changed.
    if (answer.status !== 412 && !conflicts.has(answer.status)) return { answer, isProven }
    const isSame = yield* lookAgain(item, path, collection)
    if (!isSame && answer.status !== 400) return yield* new ItemChanged()
    if (!isSame || !isProven || (answer.status !== 412 && isQuoted(etag))) return { answer, isProven }
    // The server does not know its own ETag: a proxy in front of it has others, or it compares without the quotes that it
    // wants, or the reverse. It is as good as a weak one then, and what was read just now is compared.
    return { answer: yield* client.send(request), isProven: false }
  })

  const update = Effect.fnUntraced(function* (item: ItemRef, change: AppointmentChange, timeZone: TimeZone) {
    const { collection, path } = yield* placed(item)
    const { given, text } = yield* unchanged(item, path, collection)
    const nowMs = yield* Clock.currentTimeMillis
    const rewritten = rewriteItem(text, change, timeZone, nowMs)
    if (Result.isFailure(rewritten)) return yield* new ItemRefused({ problem: rewritten.failure.problem })
    if (rewritten.success === "same") return item
    const request: DavRequest = { method: "PUT", url: urlOf(path, collection), body: rewritten.success }
    // As the item itself has it: in listings some servers write it otherwise.
    const etag = isUsable(item.etag) && given !== undefined && isUsable(given) ? given : item.etag
    const { answer, isProven } = yield* sendOnlyIf(request, item, etag, path, collection)
    if (answer.status < 200 || answer.status >= 300) {
      const error = yield* refusal(answer, collection)
      return yield* error._tag === "ItemExists"
        ? new ItemRefused({ problem: "the calendar server has its UID elsewhere too" })
        : error
    }
    const now = answer.headers.etag
    // Some servers promise by an ETag that they stored what they were sent, and have dropped what they do not know.
    const isPromised = now !== undefined && isUsable(now) && isProven && change.status !== "DID_NOT_COME"
    if (isPromised) return { href: item.href, etag: now } satisfies ItemRef
    const sent: Sent = { text: rewritten.success, change, timeZone, nowMs, owner: collection.owner }
    const back = yield* Effect.mapError(getOne(client, collection, path), unknownOutcome)
    // Someone was faster than our reading back; ours is gone or part of theirs.
    if (back._tag !== "Text") return yield* new ItemChanged()
    switch (shownIn(back.text, sent)) {
      case "same":
        return { href: item.href, etag: back.etag } satisfies ItemRef
      case "more":
        return { href: item.href, etag: etagOf(undefined, rewritten.success) } satisfies ItemRef
      case "altered":
        return yield* new ItemRefused({ problem: "the calendar server does not keep what it is sent", etag: back.etag })
      case "other":
        return yield* new ItemChanged()
    }
  })

  const remove = Effect.fnUntraced(function* (item: ItemRef) {
    const { collection, path } = yield* placed(item)
    if (!isUsable(item.etag)) yield* unchanged(item, path, collection)
    const request: DavRequest = { method: "DELETE", url: urlOf(path, collection) }
    const { answer } = yield* sendOnlyIf(request, item, item.etag, path, collection)
    if (answer.status < 200 || answer.status >= 300) {
      const error = yield* refusal(answer, collection)
      return yield* error._tag === "ItemExists"
        ? new ItemRefused({ problem: "the calendar server keeps the item for its UID" })
        : error
    }
    // 207 tells of what could not be removed (RFC 4918, 9.6.1).
    if (answer.status === 207) return yield* unknownOutcome()
  })

  return { read, create, update, remove }
}
