/**
 * How many reservations a calendar holds at once (engine.md rule 5): at every instant, no more than the smallest
 * capacity among the services of the reservations there. Assumes the CONFIRMED reservations of one calendar, in any
 * order and from any time, and capacities that are whole numbers from 1 to 1000 (rule 11).
 */
import { overlaps, type Term } from "./Term.ts"

/** The term of a CONFIRMED reservation, with the capacity of its service. */
export interface Occupancy extends Term {
  readonly capacity: number
}

/**
 * Returns how many more reservations of a service of that capacity fit on the whole term (engine.md rule 5), 0 or more.
 * Terms are half-open: a reservation that ends when the term starts takes no place.
 */
export const placesLeft = (term: Term, capacity: number, occupied: ReadonlyArray<Occupancy>): number => {
  const rows = occupied.filter((row) => overlaps(row, term))
  if (rows.length === 0) return capacity
  return Math.max(
    0,
    placesDuring(term, capacity, rows, []).places.reduce((a, b) => Math.min(a, b))
  )
}

/** Tells whether one more reservation of a service of that capacity fits on the whole term (engine.md rule 5). */
export const fits = (term: Term, capacity: number, occupied: ReadonlyArray<Occupancy>): boolean =>
  placesLeft(term, capacity, occupied) >= 1

/**
 * Places left over time, in steps: `places[i]` from the instant `atMs[i]` (epoch milliseconds, strictly ascending) up
 * to `atMs[i + 1]`, the last one up to the end of the term (where it may start: then it has no length, and no fewer
 * places than the one before). A breach of the rule shows as a negative number.
 */
export interface Places {
  readonly atMs: Float64Array
  readonly places: Int32Array
}

/**
 * Returns the places left for a service of that capacity over a term that is not empty: the steps start at its
 * `fromMs`, and there are no places where a blocked time (engine.md rule 4) overlaps.
 *
 * Takes time in proportion to the rows where these are spread over the term, n log n where they crowd.
 */
export const placesDuring = (
  term: Term,
  capacity: number,
  occupied: ReadonlyArray<Occupancy>,
  blocked: ReadonlyArray<Term>
): Places => {
  // Row r starts by event 2r and ends by event 2r + 1.
  const eventMs = new Float64Array(2 * (occupied.length + blocked.length))
  const rowCapacity = new Int32Array(occupied.length + blocked.length)
  let rows = 0
  const add = (row: Term, limit: number): void => {
    if (!overlaps(row, term)) return
    eventMs[2 * rows] = Math.max(row.fromMs, term.fromMs)
    eventMs[2 * rows + 1] = Math.min(row.toMs, term.toMs)
    rowCapacity[rows++] = Math.min(limit, capacity)
  }
  for (const row of occupied) add(row, row.capacity)
  // A blocked time is like a reservation of a service that admits nobody.
  for (const row of blocked) add(row, 0)

  const order = orderByTime(eventMs.subarray(0, 2 * rows), term)
  const active = new Int32Array(capacity + 1)
  active[capacity] = 1
  let smallest = capacity
  let count = 0
  const atMs = new Float64Array(order.length + 1)
  const places = new Int32Array(order.length + 1)
  atMs[0] = term.fromMs
  places[0] = capacity
  let last = 0
  for (let i = 0; i < order.length; i++) {
    const event = order[i]!
    const limit = rowCapacity[event >> 1]!
    if ((event & 1) === 0) {
      count++
      active[limit]!++
      smallest = Math.min(smallest, limit)
    } else {
      count--
      active[limit]!--
      while (active[smallest] === 0) smallest++
    }
    const at = eventMs[event]!
    if (at > atMs[last]!) atMs[++last] = at
    places[last] = smallest - count
  }
  return { atMs: atMs.subarray(0, last + 1), places: places.subarray(0, last + 1) }
}

/** Returns the indexes of the events within the term in the order of time: a bucket sort, since n log n costs thrice. */
const orderByTime = (eventMs: Float64Array, term: Term): Int32Array => {
  const size = eventMs.length
  const perMs = size / (term.toMs - term.fromMs)
  const bucketOf = new Int32Array(size)
  const next = new Int32Array(size + 1)
  for (let event = 0; event < size; event++) {
    const bucket = Math.min(size - 1, Math.floor((eventMs[event]! - term.fromMs) * perMs))
    bucketOf[event] = bucket
    next[bucket + 1]!++
  }
  for (let bucket = 1; bucket <= size; bucket++) next[bucket]! += next[bucket - 1]!
  const order = new Int32Array(size)
  for (let event = 0; event < size; event++) order[next[bucketOf[event]!]!++] = event

  // Buckets are in order by now; an insertion sort settles each, unless they are so full that it would take too long.
  let moves = 16 * size
  for (let i = 1; i < size; i++) {
    const event = order[i]!
    const at = eventMs[event]!
    let to = i
    for (; to > 0 && eventMs[order[to - 1]!]! > at; to--) order[to] = order[to - 1]!
    order[to] = event
    moves -= i - to
    if (moves < 0) return order.sort((a, b) => eventMs[a]! - eventMs[b]!)
  }
  return order
}
