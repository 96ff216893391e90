/**
 * The paging rule (sync.md, "Paging") as a state machine without I/O. Rows may move to the end or vanish while they are
 * listed: the next page starts one row before the end of the last and must begin with that row, else a page is taken
 * again further back. Rows are recognised by id, and must look the same besides: a row that has changed has moved, so
 * that it says nothing of what lies before it. Each row is given at least once, and again where a later reading shows it
 * changed.
 */
import * as Hash from "effect/Hash"

/** A listing is `complete` when nothing that was there throughout can have been missed; else its coverage is `unknown`. */
export type Coverage = "complete" | "unknown"

/** Whether rows are known to move only to the end of the listing, or nothing is known of their order. */
export type Order = "known" | "unknown"

/** Rows that a page has at most. */
export const pageLimit = 100

const mostReadings = 5
const mostStepsBack = 20

/** A row as far as paging goes: its id, and all of it as text. */
export interface ListedRow {
  readonly id: number
  readonly text: string
}

export interface Paging {
  readonly offset: number
  /** The page before this one. */
  readonly previous: ReadonlyArray<ListedRow>
  /** Whether this page is one that was taken again. */
  readonly isBack: boolean
  readonly stepsBack: number
  readonly reading: number
  /** Rows of this reading, the hash of their text by id; its states share the one map, for a listing may be long. */
  readonly seen: Map<number, number>
  /** Those of the reading before. */
  readonly earlier: ReadonlyMap<number, number> | undefined
}

/** Where a listing starts, for the first time or again. */
export const start = (reading = 1, earlier?: ReadonlyMap<number, number>): Paging => ({
  offset: 0,
  previous: [],
  isBack: false,
  stepsBack: 0,
  reading,
  seen: new Map(),
  earlier
})

/** What a page leads to: which of its rows are given, by index, and the next page or the end. */
export interface Step {
  readonly give: ReadonlyArray<number>
  readonly next: Paging | Coverage
}

type Rows = ReadonlyMap<number, number>

const isSubset = (a: Rows, b: Rows) => [...a.keys()].every((id) => b.has(id))

const isSame = (a: ListedRow | undefined) => (b: ListedRow | undefined) =>
  a !== undefined && a.id === b?.id && a.text === b.text

const endOfReading = ({ earlier, offset, reading, seen }: Paging, order: Order): Paging | Coverage => {
  if (order === "known" || offset === 0) return "complete"
  if (earlier !== undefined && earlier.size === seen.size && isSubset(seen, earlier)) return "complete"
  return reading === mostReadings ? "unknown" : start(reading + 1, seen)
}

/**
 * Takes the rows of the page at `at.offset`; a state is advanced once.
 *
 * @param limit - rows that the server gives at most: the smaller of what was asked for and what it says it gave.
 */
export const advance = (at: Paging, rows: ReadonlyArray<ListedRow>, limit: number, order: Order): Step => {
  const continues =
    at.offset === 0 ||
    (at.isBack ? rows.some((row) => at.previous.some(isSame(row))) : isSame(rows[0])(at.previous.at(-1)))
  if (!continues) {
    return {
      give: [],
      next:
        at.stepsBack === mostStepsBack
          ? "unknown"
          : { ...at, offset: Math.max(0, at.offset - limit + 1), isBack: true, stepsBack: at.stepsBack + 1 }
    }
  }
  const overlap = at.offset > 0 && !at.isBack ? 1 : 0
  const isGiven = ({ id, text }: ListedRow) => at.earlier !== undefined && at.earlier.get(id) === Hash.string(text)
  const give = rows.flatMap((row, index) => (index < overlap || isGiven(row) ? [] : [index]))
  // Where the order is known one reading is enough, and nothing need be kept.
  if (order === "unknown") for (const { id, text } of rows) at.seen.set(id, Hash.string(text))
  if (rows.length < limit) return { give, next: endOfReading(at, order) }
  // One row a page leaves no room for the row that pages share.
  if (rows.length < 2) return { give, next: "unknown" }
  return { give, next: { ...at, offset: at.offset + rows.length - 1, previous: rows, isBack: false } }
}
