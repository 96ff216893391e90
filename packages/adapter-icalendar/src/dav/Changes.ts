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
import type { DavAnswer, DavClient } from "./Client.ts"
import type { Collection } from "./Discover.ts"
import { isOf, isUsable } from "./Etags.ts"
import { failure } from "./Failures.ts"
import { nameOf, pathOf, placeOf } from "./Href.ts"
import { readPreconditions } from "./Multistatus.ts"
import { cal, dav } from "./Names.ts"
import { getOne, itemOf } from "./Resource.ts"

// What a PUT is answered with for this one item (RFC 4791, 5.3.2.1); sabre answers 400 for a UID in Nextcloud's bin.
const refusals: ReadonlySet<number> = new Set([400, 403, 409, 413, 415, 422])

const localOf = (name: string) => name.slice(name.indexOf("}") + 1)

export interface ChangesOptions {
  /** Look whether a new item's place is free before it is written. */
  readonly checksBeforeCreate: boolean
}

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

  /** The ref of what was just written: as the answer has it, else read back and compared. */
  const written = Effect.fnUntraced(function* (
    answer: DavAnswer,
    collection: Collection,
    path: string,
    shows: (text: string) => boolean
  ): Effect.fn.Return<ItemRef | undefined, PracticeError> {
    const { etag } = answer.headers
    if (etag !== undefined && isUsable(etag)) return { href: path, etag }
    const back = yield* Effect.mapError(getOne(client, collection, path), unknownOutcome)
    return back._tag === "Text" && shows(back.text) ? { href: path, etag: back.etag } : undefined
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
    if (options.checksBeforeCreate && (yield* getOne(client, collection, place))._tag !== "Missing") {
      return yield* new ItemExists({ href: place })
    }
    const nowMs = yield* Clock.currentTimeMillis
    const answer = yield* client.send({
      method: "PUT",
      url: asked,
      headers: { "if-none-match": "*" },
      body: writeItem(content, timeZone, nowMs)
    })
    if (answer.status === 412) return yield* new ItemExists({ href: place })
    if (answer.status < 200 || answer.status >= 300) return yield* yield* refusal(answer, collection)
    const { location } = answer.headers
    const moved = location === undefined ? undefined : pathOf(location, answer.url)
    const path = moved !== undefined && placeOf(moved, collection.url) === "member" ? moved : place
    const { mark, status, term, text } = content
    const shows = (back: string) => {
      const again = rewriteItem(back, { mark, status, term, text }, timeZone, nowMs)
      return Result.isSuccess(again) && again.success === "same"
    }
    return (yield* written(answer, collection, path, shows)) ?? (yield* unknownOutcome())
  })

  /** The text of an item that is still as its etag says. */
  const unchanged = Effect.fnUntraced(function* (item: ItemRef, path: string, collection: Collection) {
    const content = yield* getOne(client, collection, path)
    switch (content._tag) {
      case "Missing":
        return yield* new ItemNotFound()
      case "Text":
        return isOf(item.etag, content.given, content.text) ? content.text : yield* new ItemChanged()
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
  const onlyIf = ({ etag }: ItemRef): { readonly headers?: { readonly [name: string]: string } } =>
    isUsable(etag) ? { headers: { "if-match": etag } } : {}

  /** 412 is also what some servers answer where there is nothing any more. */
  const changedOrGone = Effect.fnUntraced(function* (path: string, collection: Collection) {
    const content = yield* getOne(client, collection, path)
    return yield* content._tag === "Missing" ? new ItemNotFound() : new ItemChanged()
  })

  const update = Effect.fnUntraced(function* (item: ItemRef, change: AppointmentChange, timeZone: TimeZone) {
    const { collection, path } = yield* placed(item)
    const text = yield* unchanged(item, path, collection)
    const nowMs = yield* Clock.currentTimeMillis
    const rewritten = rewriteItem(text, change, timeZone, nowMs)
    if (Result.isFailure(rewritten)) return yield* new ItemRefused({ problem: rewritten.failure.problem })
    if (rewritten.success === "same") return item
    const answer = yield* client.send({
      method: "PUT",
      url: urlOf(path, collection),
      ...onlyIf(item),
      body: rewritten.success
    })
    if (answer.status === 404 || answer.status === 410) return yield* new ItemNotFound()
    if (answer.status === 412) return yield* changedOrGone(path, collection)
    if (answer.status < 200 || answer.status >= 300) {
      const error = yield* refusal(answer, collection)
      return yield* error._tag === "ItemExists"
        ? new ItemRefused({ problem: "the calendar server has its UID elsewhere too" })
        : error
    }
    const shows = (back: string) => {
      const again = rewriteItem(back, change, timeZone, nowMs)
      return Result.isSuccess(again) && again.success === "same"
    }
    const ref = yield* written(answer, collection, path, shows)
    // Someone was faster than our reading back; ours is gone or part of theirs.
    return ref === undefined ? yield* new ItemChanged() : { href: item.href, etag: ref.etag }
  })

  const remove = Effect.fnUntraced(function* (item: ItemRef) {
    const { collection, path } = yield* placed(item)
    if (!isUsable(item.etag)) yield* unchanged(item, path, collection)
    const answer = yield* client.send({ method: "DELETE", url: urlOf(path, collection), ...onlyIf(item) })
    if (answer.status === 404 || answer.status === 410) return yield* new ItemNotFound()
    if (answer.status === 412) return yield* changedOrGone(path, collection)
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
