/**
 * Whether both sides of a facility are equal, judged from the rows that the API lists and from the raw .ics texts, apart
 * from the code under test (sync.md, "It settles"): every reservation has its event, every event that takes the doctor's
 * time is blocked once, every time that staff blocked is shown, and nothing is there twice.
 */
import type { RawEvent } from "../../src/RawCalendar.ts"
import { termOf, toWall } from "../../src/RawCalendar.ts"
import type { Facility, Row, Term } from "../../src/SyncWorld.ts"

const text = ({ endMs, startMs }: Term) => `${toWall(startMs)}/${toWall(endMs)}`

const statusOf = (event: RawEvent) =>
  event.status === "CANCELLED" ? "CANCELLED" : event.didNotCome ? "DID_NOT_COME" : "CONFIRMED"

const compareReservation = (
  row: Row,
  events: ReadonlyArray<RawEvent>,
  mayLackEvent: (row: Row) => boolean
): ReadonlyArray<string> => {
  const [event, second] = events
  const name = `reservation ${row.id} (${row.status} ${text(termOf(row))})`
  if (second !== undefined) return [`${name} has ${events.length} events`]
  if (event === undefined) return mayLackEvent(row) ? [] : [`${name} has no event`]
  const status = statusOf(event)
  if (status !== row.status) return [`${name} is ${status} in the calendar`]
  // What takes place on neither side has no term worth a write (core's `reconcile`; docs/sync.md, "Known limits").
  if (row.status !== "CONFIRMED" || text(event) === text(termOf(row))) return []
  return [`${name} is at ${text(event)} in the calendar`]
}

/**
 * What is not equal, one line each. Facilities with one calendar and without series only.
 *
 * @param mayLackEvent - which reservations need no event, by what was done to them: sync.md asks for the event of every
 * reservation that was ever shown, but of what the practice removed, and has none made for what was off before that. The
 * two sides as they are in the end do not tell that.
 */
export const differences = async (
  facility: Facility,
  mayLackEvent: (row: Row) => boolean
): Promise<ReadonlyArray<string>> => {
  const [reservations, blockedTimes] = [await facility.reservations(), await facility.blockedTimes()]
  const events = facility.practice.events()
  const markOf = (kind: string, id: number) => `${kind}/${facility.id}/${id}`
  const found: Array<string> = []
  const ours = new Set<RawEvent>()
  const eventsOf = (kind: string, id: number) => {
    const mine = events.filter(({ mark }) => mark === markOf(kind, id))
    for (const event of mine) ours.add(event)
    return mine
  }
  for (const row of reservations) found.push(...compareReservation(row, eventsOf("reservation", row.id), mayLackEvent))
  for (const row of blockedTimes) {
    // The worker's channel has an externalId of those that it made itself.
    if (row.externalId !== undefined) continue
    const mine = eventsOf("blockedTime", row.id)
    if (mine.length !== 1 || text(mine[0] as RawEvent) !== text(termOf(row))) {
      found.push(`blocked time ${row.id} of staff (${text(termOf(row))}) has events ${mine.map(text).join()}`)
    }
  }
  const counted = new Map<string, number>()
  const add = (key: string, by: number) => counted.set(key, (counted.get(key) ?? 0) + by)
  for (const row of blockedTimes) if (row.externalId !== undefined) add(text(termOf(row)), 1)
  for (const event of events) {
    if (ours.has(event) || event.isFree || event.status === "CANCELLED") continue
    add(text(event), -1)
  }
  for (const [key, number] of counted) {
    if (number > 0) found.push(`blocked ${number} times too often: ${key}`)
    if (number < 0) found.push(`not blocked: ${key}`)
  }
  const uids = events.map(({ uid }) => uid)
  for (const uid of new Set(uids)) {
    const number = uids.filter((one) => one === uid).length
    if (number > 1) found.push(`${number} events of one UID ${uid}`)
  }
  return found
}
