/**
 * What is in a calendar, and what changed in it (RFC 6578; where the server has no sync-collection, ctag and ETags). Only a
 * few items at a time are in memory. Nothing is told as complete that was not read to its end without an error inside.
 */
import type { PracticeItem } from "@bookio-kit/core/sync/Appointment"
import type { CalendarWindow, Listed } from "@bookio-kit/core/sync/PracticeCalendar"
import { PracticeError, SyncTokenInvalid } from "@bookio-kit/core/sync/PracticeCalendar"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { properties, understood } from "./Ask.ts"
import type { DavAnswer, DavClient } from "./Client.ts"
import type { Collection } from "./Discover.ts"
import { isKnown } from "./Etags.ts"
import { failure, malformed } from "./Failures.ts"
import { pathOf, placeOf } from "./Href.ts"
import { type DavResponse, type Multistatus, propOf, readPreconditions, textOf } from "./Multistatus.ts"
import { cal, ctag, dav, syncCollection } from "./Names.ts"
import { contentsOf, itemOf } from "./Resource.ts"
import { readToken, type SyncToken, writeToken } from "./Token.ts"
import { childOf } from "./Xml.ts"

interface Member {
  readonly path: string
  readonly etag: string | undefined
}

/** What one multistatus says of the collection's members. */
interface Page {
  readonly members: ReadonlyArray<Member>
  readonly removed: ReadonlyArray<string>
  /** The server cut it short (RFC 6578, 3.6). */
  readonly isTruncated: boolean
  /** An error inside, or something that cannot be understood. */
  readonly isFaulty: boolean
  readonly syncToken: string | undefined
}

type Known = (hrefs: ReadonlyArray<string>) => Effect.Effect<ReadonlyMap<string, string>>

const memberProperties = [dav("getetag"), dav("resourcetype"), dav("getcontenttype")]

// Servers that say which component an object holds spare us reading to-dos.
const isOtherComponent = (response: DavResponse): boolean => {
  const component = /;\s*component="?([a-z]+)/i.exec(textOf(response, dav("getcontenttype")) ?? "")?.[1]
  return component !== undefined && component.toUpperCase() !== "VEVENT"
}

const isCollection = (response: DavResponse) =>
  childOf(propOf(response, dav("resourcetype")), dav("collection")) !== undefined

const pageOf = ({ responses, syncToken }: Multistatus, collection: URL): Page => {
  const members: Array<Member> = []
  const removed: Array<string> = []
  let isTruncated = false
  let isFaulty = false
  for (const response of responses) {
    const path = pathOf(response.href, collection)
    const place = path === undefined || response.href === "" ? "outside" : placeOf(path, collection)
    if (path === undefined || place === "outside") isFaulty = true
    else if (place === "deeper") continue
    else if (place === "self") {
      if (response.status === 507) isTruncated = true
      else if (response.status !== undefined && response.status >= 400) isFaulty = true
    } else if (response.status === 404 || response.status === 410) removed.push(path)
    // Any other status is looked into by reading: Nextcloud has answered 418 for what lay in its bin.
    else if (!isCollection(response) && !isOtherComponent(response)) {
      members.push({ path, etag: textOf(response, dav("getetag")) })
    }
  }
  return { members, removed, isTruncated, isFaulty, syncToken }
}

const stepSize = 200
const maxSyncPages = 1000

/** Makes `list` and `changes` of a calendar. `found` finds the collection; a 404 of it makes it be looked for again. */
export const makeListing = (client: DavClient, found: Effect.Effect<Collection, PracticeError>) => {
  /** The collection's own tokens, read before its members, so that no change falls between. */
  const tokenOf = Effect.fnUntraced(function* (collection: Collection) {
    const names = [dav("resourcetype"), dav("sync-token"), ctag]
    const answer = yield* properties(client, collection.url, "0", names)
    const { responses } = yield* understood(client, answer)
    const own = responses[0]
    if (childOf(propOf(own, dav("resourcetype")), cal("calendar")) === undefined) {
      return yield* new PracticeError({
        reason: "CalendarNotFound",
        problem: `what ${client.options.url.host} has at ${collection.url.pathname} is no calendar any more`
      })
    }
    const [sync, tag] = [textOf(own, dav("sync-token")), textOf(own, ctag)]
    const token = (kind: SyncToken["kind"], value: string): SyncToken => ({
      kind,
      collection: collection.url.href,
      value
    })
    return sync !== undefined ? token("sync", sync) : tag !== undefined ? token("ctag", tag) : undefined
  })

  const syncPage = (collection: Collection, token: string) =>
    client.send({
      method: "REPORT",
      url: collection.url,
      depth: "0",
      body: syncCollection(token, memberProperties)
    })

  /** Tells members in steps, then what `end` makes of how it went. */
  const told = Effect.fnUntraced(function* (
    collection: Collection,
    window: CalendarWindow,
    members: ReadonlyArray<Member>,
    known: Known | undefined
  ) {
    const options = { window, owner: collection.owner }
    const etags = known === undefined ? undefined : yield* known(members.map(({ path }) => path))
    const items: Array<PracticeItem> = []
    const wanted: Array<string> = []
    for (const { etag, path } of members) {
      if (isKnown(etags?.get(path), etag)) items.push({ _tag: "Unchanged", href: path })
      else wanted.push(path)
    }
    let isWhole = true
    for (const [path, content] of yield* contentsOf(client, collection, wanted)) {
      const item = itemOf(path, content, options)
      if (item === undefined) isWhole = false
      else items.push(item)
    }
    return { items, isWhole }
  })

  const listedOf = (items: ReadonlyArray<PracticeItem>): ReadonlyArray<Listed> =>
    items.length === 0 ? [] : [{ _tag: "Items", items }]

  interface State {
    readonly queue: ReadonlyArray<Member>
    readonly isWhole: boolean
  }

  const end = (token: string | undefined, isWhole: boolean): Listed => ({
    _tag: "End",
    ...(token === undefined ? {} : { token }),
    coverage: isWhole ? "complete" : "unknown"
  })

  const list = (window: CalendarWindow, known?: Known): Stream.Stream<Listed, PracticeError> =>
    Stream.unwrap(
      Effect.gen(function* () {
        const collection = yield* found
        const before = yield* tokenOf(collection)
        const answer = yield* properties(client, collection.url, "1", memberProperties)
        const multistatus = yield* understood(client, answer)
        const page = pageOf(multistatus, collection.url)
        // A listing has the collection itself at least (RFC 4918, 9.1): one of nothing at all is no listing.
        const whole = { ...page, isFaulty: page.isFaulty || multistatus.responses.length === 0 }
        if (whole.isTruncated && before?.kind === "sync") return all(collection, window, known)
        const token = before === undefined ? undefined : writeToken(before)
        const first: State = { queue: whole.members, isWhole: !whole.isFaulty && !whole.isTruncated }
        return Stream.paginate(first, (state) =>
          Effect.gen(function* () {
            const { isWhole, items } = yield* told(collection, window, state.queue.slice(0, stepSize), known)
            const queue = state.queue.slice(stepSize)
            const next: State = { queue, isWhole: state.isWhole && isWhole }
            const listed = listedOf(items)
            return queue.length > 0
              ? ([listed, Option.some(next)] as const)
              : // A token that covers what could not be read would hide it.
                ([[...listed, end(next.isWhole ? token : undefined, next.isWhole)], Option.none<State>()] as const)
          })
        )
      })
    )

  /** All members by sync-collection, for a server that cuts other listings short. */
  const all = (collection: Collection, window: CalendarWindow, known: Known | undefined) =>
    Stream.catchTag(pages(collection, window, "", known), "SyncTokenInvalid", () =>
      Stream.fail(malformed(client, "it takes no token of its own"))
    )

  const tokenFailure = Effect.fnUntraced(function* (
    answer: DavAnswer
  ): Effect.fn.Return<never, SyncTokenInvalid | PracticeError> {
    const preconditions = yield* readPreconditions(answer.bytes)
    // Beside `valid-sync-token` servers answer 400, 403, 412, 418, 500 or 501 for a token that they lost or a report that
    // they do not know; what else may be wrong shows in the full listing that follows.
    const isToken =
      preconditions.some(({ name }) => name === dav("valid-sync-token")) ||
      answer.status === 500 ||
      answer.status === 501 ||
      (answer.status >= 400 && answer.status < 500 && ![401, 404, 408, 423, 429].includes(answer.status))
    return yield* isToken ? new SyncTokenInvalid() : yield* failure(client, answer)
  })

  const pages = (
    collection: Collection,
    window: CalendarWindow,
    from: string,
    known?: Known
  ): Stream.Stream<Listed, SyncTokenInvalid | PracticeError> => {
    const tokenFor = (value: string): string | undefined =>
      value === "" ? undefined : writeToken({ kind: "sync", collection: collection.url.href, value })
    interface SyncState {
      /** Covers what was told. */
      readonly reached: string
      /** The last token before anything went wrong: what could not be read is asked for again from there. */
      readonly safe: string
      readonly isWhole: boolean
      readonly page: Page | undefined
      readonly queue: ReadonlyArray<Member>
      readonly count: number
    }
    const first: SyncState = { reached: from, safe: from, isWhole: true, page: undefined, queue: [], count: 0 }
    const stop = (listed: ReadonlyArray<Listed>, token: string, isWhole: boolean) =>
      [[...listed, end(tokenFor(token), isWhole)], Option.none<SyncState>()] as const
    return Stream.paginate(first, (state: SyncState) =>
      Effect.gen(function* () {
        if (state.page === undefined) {
          const answer = yield* syncPage(collection, state.reached)
          if (answer.status !== 207) return yield* tokenFailure(answer)
          const page = pageOf(yield* understood(client, answer), collection.url)
          const isWhole = state.isWhole && !page.isFaulty && page.syncToken !== undefined
          return [
            listedOf(page.removed.map((href): PracticeItem => ({ _tag: "Removed", href }))),
            Option.some<SyncState>({ ...state, isWhole, page, queue: page.members })
          ] as const
        }
        const { isTruncated, syncToken: next = state.reached } = state.page
        const step = yield* told(collection, window, state.queue.slice(0, stepSize), known)
        const listed = listedOf(step.items)
        const isWhole = state.isWhole && step.isWhole
        const queue = state.queue.slice(stepSize)
        if (queue.length > 0) return [listed, Option.some<SyncState>({ ...state, isWhole, queue })] as const
        const safe = isWhole ? next : state.safe
        const count = state.count + 1
        if (!isTruncated) return stop(listed, safe, isWhole)
        // A token that does not move, or no end: the rest is left to the next pass.
        if (next === state.reached || count >= maxSyncPages) return stop(listed, safe, false)
        return [
          listed,
          Option.some<SyncState>({ reached: next, safe, isWhole, page: undefined, queue: [], count })
        ] as const
      })
    )
  }

  const changes = (token: string, window: CalendarWindow): Stream.Stream<Listed, SyncTokenInvalid | PracticeError> =>
    Stream.unwrap(
      Effect.gen(function* () {
        const collection = yield* found
        const since = readToken(token, collection.url)
        if (since === undefined) return yield* new SyncTokenInvalid()
        if (since.kind === "sync") return pages(collection, window, since.value)
        const now = yield* tokenOf(collection)
        if (now?.kind !== "ctag" || now.value !== since.value) return yield* new SyncTokenInvalid()
        return Stream.make(end(token, true))
      })
    )

  return { list, changes }
}
