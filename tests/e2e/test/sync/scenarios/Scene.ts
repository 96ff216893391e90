/** What the scenarios of the sync have in common: what they are played with, and what they wait for. */
import { ics, localLine } from "../../../src/Practice.ts"
import { type RawEvent, toWall } from "../../../src/RawCalendar.ts"
import { until, type WorkerProcess } from "../../../src/SyncWorker.ts"
import type { Facility, person, Term, World } from "../../../src/SyncWorld.ts"

/** What a scenario is played with. */
export interface Scene {
  readonly world: World
  readonly worker: WorkerProcess
  readonly facility: Facility
}

export const sameTerm = (a: Term, b: Term) => a.startMs === b.startMs && a.endMs === b.endMs

export const marked = ({ practice }: Facility, kind: "reservation" | "blockedTime", id: number) =>
  practice.events().filter(({ mark }) => mark?.startsWith(`${kind}/`) && mark.endsWith(`/${id}`))

/** Waits until the one event of a record is so; gives it. */
export const eventOf = async (
  facility: Facility,
  id: number,
  holds: (event: RawEvent) => boolean,
  kind: "reservation" | "blockedTime" = "reservation"
): Promise<RawEvent> => {
  const found = () => marked(facility, kind, id)
  await until(
    () => found().length === 1 && holds(found()[0] as RawEvent),
    () => `the event of ${kind} ${id} is so:\n${found().map(({ text }) => text)}`
  )
  return found()[0] as RawEvent
}

export const rowIs = (facility: Facility, id: number, holds: (row: Awaited<ReturnType<Facility["row"]>>) => boolean) =>
  until(
    async () => holds(await facility.row(id)),
    async () => `reservation ${id} is so: ${JSON.stringify(await facility.row(id))}`
  )

export const blockedIs = (facility: Facility, dayMs: number, expected: ReadonlyArray<string>) =>
  until(
    async () => JSON.stringify(await facility.blockedOn(dayMs)) === JSON.stringify(expected),
    async () => `blocked is ${expected.join()}: ${(await facility.blockedOn(dayMs)).join()}`
  )

export const text = ({ endMs, startMs }: Term) => `${toWall(startMs)}/${toWall(endMs)}`

/** An event of the practice's own, by its term. */
export const event = (uid: string, { endMs, startMs }: Term, more: { readonly [name: string]: string } = {}) =>
  ics(uid, { DTSTART: localLine(startMs), DTEND: localLine(endMs), SUMMARY: "Zubny lekar mojej zeny", ...more })

export const booked = (serviceId: number | undefined, who: ReturnType<typeof person>) => ({
  SUMMARY: `${who.name} ${who.surname}`,
  "X-BOOKIO-SERVICE": String(serviceId),
  "X-BOOKIO-NAME": `${who.name} ${who.surname}`,
  "X-BOOKIO-EMAIL": who.email,
  "X-BOOKIO-PHONE": who.phone
})

export const rowsOf = async (facility: Facility, who: ReturnType<typeof person>) =>
  (await facility.reservations()).filter(({ email }) => email === who.email)

export interface Scenario {
  readonly title: string
  /** Which facility of the kind: `plain`, `pair` of two doctors with holds, or `open` with texts and put-back. */
  readonly of: "plain" | "pair" | "open"
  readonly play: (scene: Scene) => Promise<void>
}
