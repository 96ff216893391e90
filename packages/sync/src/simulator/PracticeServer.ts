/**
 * A small practice calendar: events with UIDs, etags and sync tokens, with the habits of real servers that calendars.md
 * lists. It does at once what it is asked; delays and faults are the network's.
 */
import type { Appointment, AppointmentPerson, Mark, Occurrence, PracticeItem } from "@bookio-kit/core/sync/Appointment"
import type { SyncTerm } from "@bookio-kit/core/sync/SyncState"
import type { Author } from "./BookioServer.ts"

/** A series: how often, how many days apart, and which of them are off or lie elsewhere. */
export interface Series {
  readonly count: number
  readonly everyDays: number
  readonly off: ReadonlyArray<string>
  readonly moved: { readonly [key: string]: SyncTerm }
}

export interface EventContent {
  readonly term: SyncTerm
  readonly series?: Series
  readonly status: Occurrence["status"]
  readonly isTransparent: boolean
  readonly isPrivate: boolean
  readonly participation: Occurrence["participation"]
  readonly text: string
  readonly didNotCome: boolean
  readonly mark?: Mark
  readonly booking?: AppointmentPerson & { readonly service?: string }
  readonly attendees: ReadonlyArray<AppointmentPerson>
}

export interface EventRow {
  readonly uid: string
  readonly href: string
  readonly etag: string
  /** The change that made it what it is. */
  readonly order: number
  readonly content: EventContent
  /** It cannot be parsed; the content is what it is mended to. */
  readonly isMalformed?: true
}

export interface PracticeWatcher {
  readonly event: (before: EventRow | undefined, after: EventRow | undefined, by: Author) => void
}

export interface PracticeServer {
  readonly name: string
  /** Whether the UID of an event that cannot be read is found all the same. */
  readonly tellsUids: boolean
  /** Whether a write cannot be made conditional. */
  readonly isWeak: boolean
  readonly rows: ReadonlyMap<string, EventRow>
  /** By UID; absent where there is none. */
  readonly byUid: (uid: string) => EventRow | undefined
  readonly create: (uid: string, content: EventContent, by: Author) => EventRow | "exists" | "used"
  readonly update: (href: string, content: EventContent, by: Author) => EventRow | undefined
  /** A write of ours that nothing is compared with: what was changed since it was decided is lost, and what was removed is there again. */
  readonly overwrite: (row: EventRow, content: EventContent) => EventRow
  readonly remove: (href: string, by: Author) => boolean
  /** Makes an event unreadable. What people do to it next mends it. */
  readonly spoil: (href: string) => void
  /** Gives an event another etag, as a server that rewrites what it is given. */
  readonly touch: (href: string) => void
  readonly token: () => string
  /** What changed since a token, or nothing where the token is not valid any more. */
  readonly since: (token: string) => ReadonlyArray<{ readonly order: number; readonly href: string }> | undefined
  /** Forgets all tokens that it gave. */
  readonly loseTokens: () => void
}

export const make = (options: {
  readonly name: string
  /** Whether a UID that was deleted is refused for ever. */
  readonly usesUp: boolean
  readonly hasTokens: boolean
  readonly tellsUids: boolean
  readonly etags: "strong" | "weak" | "none"
  /** Whether a change is left out of what changed since a token, as by servers whose change log was trimmed. */
  readonly isSkipped: () => boolean
  readonly watcher: PracticeWatcher
}): PracticeServer => {
  const { etags, hasTokens, isSkipped, name, tellsUids, usesUp, watcher } = options
  const rows = new Map<string, EventRow>()
  const gone = new Map<string, number>()
  const used = new Set<string>()
  const skipped = new Set<number>()
  let order = 0
  let validFrom = 0
  let hrefs = 0

  const byUid = (uid: string) => {
    for (const row of rows.values()) if (row.uid === uid) return row
    return undefined
  }
  const contents = new Map<string, number>()
  // As an adapter makes them where the server's own cannot be compared: of the content.
  const etagOf = (content: EventContent | undefined) => {
    if (etags === "strong") return `"${name}-${order}"`
    const text = JSON.stringify(content ?? order)
    const number = contents.get(text) ?? contents.size
    contents.set(text, number)
    return `~${etags === "weak" ? order : ""}~${number}`
  }
  const put = (before: EventRow | undefined, row: Omit<EventRow, "etag" | "order">, by: Author) => {
    order++
    if (by === "people" && isSkipped()) skipped.add(order)
    const next: EventRow = { ...row, order, etag: etagOf(row.content) }
    rows.set(row.href, next)
    gone.delete(row.href)
    watcher.event(before, next, by)
    return next
  }

  return {
    name,
    tellsUids,
    isWeak: etags !== "strong",
    rows,
    byUid,
    create: (uid, content, by) => {
      if (byUid(uid) !== undefined) return "exists"
      if (usesUp && used.has(uid)) return "used"
      used.add(uid)
      hrefs++
      return put(undefined, { uid, href: `/${name}/${hrefs}.ics`, content }, by)
    },
    update: (href, content, by) => {
      const row = rows.get(href)
      return row === undefined ? undefined : put(row, { uid: row.uid, href, content }, by)
    },
    overwrite: ({ href, uid }, content) => put(rows.get(href), { uid, href, content }, "sync"),
    remove: (href, by) => {
      const row = rows.get(href)
      if (row === undefined) return false
      order++
      if (by === "people" && isSkipped()) skipped.add(order)
      rows.delete(href)
      gone.set(href, order)
      watcher.event(row, undefined, by)
      return true
    },
    spoil: (href) => {
      const row = rows.get(href)
      if (row === undefined) return
      order++
      rows.set(href, { ...row, order, etag: etagOf(undefined), isMalformed: true })
    },
    touch: (href) => {
      const row = rows.get(href)
      if (row === undefined) return
      order++
      rows.set(href, { ...row, order, etag: etagOf(row.isMalformed === true ? undefined : row.content) })
    },
    token: () => `${name}:${order}`,
    since: (token) => {
      const at = Number(token.slice(name.length + 1))
      if (!hasTokens || !(at >= validFrom)) return undefined
      const isTold = (since: number) => since > at && !skipped.has(since)
      const changed = [...rows.values()].filter((row) => isTold(row.order))
      const removed = [...gone].filter(([, since]) => isTold(since))
      return [...changed, ...removed.map(([href, since]) => ({ order: since, href }))].sort((a, b) => a.order - b.order)
    },
    loseTokens: () => {
      order++
      validFrom = order
    }
  }
}

/** Whether an event is as it was when it had an etag: of a weak one, only what tells the content counts. */
export const isOf = (etag: string, row: EventRow): boolean =>
  etag.startsWith("~") ? etag.split("~")[2] === row.etag.split("~")[2] : etag === row.etag

const dayMs = 86_400_000
const key = (epochMs: number) => new Date(epochMs).toISOString().replace(".000", "")

/** The occurrences of an event that overlap a window; of one without a series, its one. */
export const occurrencesOf = (
  { isPrivate, isTransparent, participation, series, status, term, text }: EventContent,
  window: { readonly fromMs: number; readonly toMs: number }
): ReadonlyArray<Occurrence> => {
  const common = { isPrivate, isTransparent, participation, status, text }
  if (series === undefined) return [{ ...common, key: "", term }]
  const found: Array<Occurrence> = []
  for (let index = 0; index < series.count; index++) {
    const shift = index * series.everyDays * dayMs
    const at = key(term.startMs + shift)
    if (series.off.includes(at)) continue
    const own = series.moved[at] ?? { startMs: term.startMs + shift, endMs: term.endMs + shift }
    if (own.endMs > window.fromMs && own.startMs < window.toMs) found.push({ ...common, key: at, term: own })
  }
  return found.sort((a, b) => a.term.startMs - b.term.startMs)
}

/** An event as an adapter tells it, who may find its UID where it cannot read the rest. */
export const itemOf = (
  row: EventRow,
  window: { readonly fromMs: number; readonly toMs: number },
  hasUid: boolean
): PracticeItem =>
  row.isMalformed === true
    ? {
        _tag: "Unreadable",
        href: row.href,
        etag: row.etag,
        ...(hasUid ? { uid: row.uid } : {}),
        problem: "simulated"
      }
    : appointmentOf(row, window)

/** An event that can be read. */
export const appointmentOf = (
  { content, etag, href, uid }: EventRow,
  window: { readonly fromMs: number; readonly toMs: number }
): Appointment => ({
  _tag: "Appointment",
  uid,
  href,
  etag,
  ...(content.mark === undefined ? {} : { mark: content.mark }),
  ...(content.booking === undefined ? {} : { booking: content.booking }),
  didNotCome: content.didNotCome,
  isRecurring: content.series !== undefined,
  attendees: content.attendees,
  occurrences: occurrencesOf(content, window)
})
