/**
 * Finds the item of a UID by asking for it (RFC 4791, 7.8), for servers that gave it another name than it was sent under, or
 * that refuse a UID without saying where it is. Servers that ignore the question answer it with all that they have, so that
 * only what is read and has the UID counts.
 */
import type { PracticeError } from "@bookio-kit/core/sync/PracticeCalendar"
import * as Effect from "effect/Effect"
import { uidOf } from "../ical/Events.ts"
import { unescapeText } from "../ical/Text.ts"
import { understood } from "./Ask.ts"
import type { DavClient } from "./Client.ts"
import type { Collection } from "./Discover.ts"
import { pathOf, placeOf } from "./Href.ts"
import { byUid } from "./Names.ts"
import { type Content, getOne } from "./Resource.ts"

/** More answers than this are no answer to the question. */
const maxFound = 5

export interface Found {
  readonly path: string
  readonly content: Content & { readonly _tag: "Text" }
}

/** The item of a UID, looked for at a place first; `undefined` where none is found. @errors `PracticeError` */
export const findItem: (
  client: DavClient,
  collection: Collection,
  uid: string,
  place: string
) => Effect.Effect<Found | undefined, PracticeError> = Effect.fnUntraced(function* (client, collection, uid, place) {
  const at = Effect.fnUntraced(function* (path: string): Effect.fn.Return<Found | undefined, PracticeError> {
    const content = yield* getOne(client, collection, path)
    const isIt = content._tag === "Text" && unescapeText(uidOf(content.text) ?? "") === uid
    return isIt ? { path, content } : undefined
  })
  const there = yield* at(place)
  if (there !== undefined) return there
  const answer = yield* client.send({ method: "REPORT", url: collection.url, depth: "1", body: byUid(uid) })
  const { responses } = yield* understood(client, answer)
  const paths = responses.flatMap(({ href }) => {
    const path = pathOf(href, collection.url)
    return path !== undefined && path !== place && placeOf(path, collection.url) === "member" ? [path] : []
  })
  if (paths.length > maxFound) return undefined
  for (const path of paths) {
    const found = yield* at(path)
    if (found !== undefined) return found
  }
  return undefined
})
