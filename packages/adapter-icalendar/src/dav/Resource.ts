/** Reads the resources of a calendar: many at once by calendar-multiget (RFC 4791, 7.9), one by GET. */
import type { PracticeItem } from "@bookio-kit/core/sync/Appointment"
import type { PracticeError } from "@bookio-kit/core/sync/PracticeCalendar"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { decodeObject } from "../ical/Decode.ts"
import type { ReadOptions } from "../ical/ReadItem.ts"
import { toItem, unreadable } from "../item/ToItem.ts"
import type { DavClient } from "./Client.ts"
import type { Collection } from "./Discover.ts"
import { etagOf } from "./Etags.ts"
import { failure } from "./Failures.ts"
import { pathOf } from "./Href.ts"
import { propOf, readMultistatus, textOf } from "./Multistatus.ts"
import { cal, dav, multiget } from "./Names.ts"

/** The content of a resource; `problem` where it is there and its text cannot be had. */
export type Content =
  | { readonly _tag: "Text"; readonly text: string; readonly etag: string; readonly given: string | undefined }
  | { readonly _tag: "Problem"; readonly etag: string | undefined; readonly problem: string }
  | { readonly _tag: "Missing" }
  /** The server failed for this one resource. */
  | { readonly _tag: "Failed" }

const textContent = (text: string, given: string | undefined): Content => ({
  _tag: "Text",
  text,
  given,
  etag: etagOf(given, text)
})

// A request for so many is answered in well under a second by the servers that there are, and an answer is some 100 kB.
const batchSize = 50

const tooLong = (client: DavClient) =>
  `The calendar object is larger than ${client.options.maxAnswerBytes} bytes; make it smaller`

const isFailure = (status: number) => status === 0 || status === 429 || status >= 500

/**
 * Reads some resources in one request. `undefined` where the answer as a whole cannot be read, such as for a character
 * that XML forbids in one of them: then fewer are asked for.
 */
const some = Effect.fnUntraced(function* (
  client: DavClient,
  collection: Collection,
  paths: ReadonlyArray<string>
): Effect.fn.Return<Map<string, Content> | undefined, PracticeError> {
  const answer = yield* client.send({ method: "REPORT", url: collection.url, depth: "1", body: multiget(paths) })
  if (answer.status !== 207) return yield* Effect.flatMap(failure(client, answer), Effect.fail)
  if (answer.ended !== "whole") return undefined
  const read = yield* Effect.result(readMultistatus(answer.bytes))
  if (Result.isFailure(read)) return undefined
  const contents = new Map<string, Content>()
  for (const response of read.success.responses) {
    const path = pathOf(response.href, collection.url)
    if (path === undefined) continue
    const data = propOf(response, cal("calendar-data"))
    const statuses = [response.status ?? 200, ...response.propstats.map(({ status }) => status)]
    if (data !== undefined && data.text !== "") {
      contents.set(path, textContent(data.text, textOf(response, dav("getetag"))))
    } else if (statuses.some(isFailure)) contents.set(path, { _tag: "Failed" })
  }
  return contents
})

/** Reads one resource by GET. @errors `PracticeError` */
export const getOne = Effect.fnUntraced(function* (
  client: DavClient,
  collection: Collection,
  path: string
): Effect.fn.Return<Content, PracticeError> {
  const answer = yield* client.send({ method: "GET", url: new URL(path, collection.url) })
  const { headers, status } = answer
  if (status === 404 || status === 410) return { _tag: "Missing" }
  if (status !== 200) return yield* Effect.flatMap(failure(client, answer), Effect.fail)
  if (answer.ended === "tooLong") return { _tag: "Problem", etag: headers.etag, problem: tooLong(client) }
  if (answer.ended === "cut") return { _tag: "Failed" }
  if (headers.etag === undefined) {
    // Some servers tell ETags in their listings only.
    const found = (yield* some(client, collection, [path]))?.get(path)
    if (found?._tag === "Text") return found
  }
  const text = decodeObject(answer.bytes)
  return Result.isFailure(text)
    ? { _tag: "Problem", etag: headers.etag, problem: text.failure.problem }
    : textContent(text.success, headers.etag)
})

// Missing is believed only of a GET: servers differ in how they write an href, and an answer may leave some out.
const oneByOne = Effect.fnUntraced(function* (client: DavClient, collection: Collection, path: string) {
  const content = yield* Effect.result(getOne(client, collection, path))
  if (Result.isSuccess(content)) return content.success
  const { isRetryable, reason } = content.failure
  if (reason === "Forbidden") {
    const problem = "The calendar server refuses to hand this object out; check its rights"
    return { _tag: "Problem", etag: undefined, problem } satisfies Content
  }
  return isRetryable && reason !== "Unreachable" && reason !== "Timeout" && reason !== "RateLimited"
    ? ({ _tag: "Failed" } satisfies Content)
    : yield* content.failure
})

/** Reads resources, each told in the result. @errors `PracticeError` */
export const contentsOf: (
  client: DavClient,
  collection: Collection,
  paths: ReadonlyArray<string>
) => Effect.Effect<ReadonlyArray<readonly [path: string, content: Content]>, PracticeError> = Effect.fnUntraced(
  function* (client, collection, paths) {
    const contents: Array<readonly [string, Content]> = []
    const open: Array<ReadonlyArray<string>> = []
    for (let at = paths.length; at > 0; at -= batchSize) open.push(paths.slice(Math.max(0, at - batchSize), at))
    for (let batch = open.pop(); batch !== undefined; batch = open.pop()) {
      const found = yield* some(client, collection, batch)
      if (found === undefined && batch.length > 1) {
        const half = batch.length >> 1
        open.push(batch.slice(half), batch.slice(0, half))
        continue
      }
      for (const path of batch) {
        contents.push([path, found?.get(path) ?? (yield* oneByOne(client, collection, path))])
      }
    }
    return contents
  }
)

/** What the port tells of a content; `undefined` for a failed one, of which nothing is known. */
export const itemOf = (href: string, content: Content, options: ReadOptions): PracticeItem | undefined => {
  switch (content._tag) {
    case "Failed":
      return undefined
    case "Missing":
      return { _tag: "Removed", href }
    case "Problem":
      return unreadable(href, content.etag, content.problem)
    case "Text":
      // What is no event is, for us, not there.
      return toItem(href, content.etag, content.text, options) ?? { _tag: "Removed", href }
  }
}
