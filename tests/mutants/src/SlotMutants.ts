/** Mutants of free slots. */
import { Caller } from "@bookio-kit/core/access/Caller"
import type { Slot } from "@bookio-kit/core/slot/Slot"
import type { LocalDateTime } from "@bookio-kit/core/time/LocalDateTime"
import { Effect } from "effect"
import { type Mutant, mutant, slots } from "./Defect.ts"

const offered = (change: (found: ReadonlyArray<Slot>, from: string) => ReadonlyArray<Slot>) =>
  slots((real) => ({ list: (query) => Effect.map(real.list(query), (found) => change(found, query.from)) }))

export const slotMutants: ReadonlyArray<Mutant> = [
  mutant(
    "slots are listed descending",
    offered((found) => found.toReversed()),
    "listSlots MUST list slots ascending, of the service's duration, with a place left, and none that has passed"
  ),
  mutant(
    "slots that have passed are offered",
    offered((found, from) => [
      ...(from < "2026-06"
        ? [{ dateFrom: `${from}T08:00:00` as LocalDateTime, dateTo: `${from}T09:00:00` as LocalDateTime, free: 1 }]
        : []),
      ...found
    ]),
    "listSlots MUST list slots ascending, of the service's duration, with a place left, and none that has passed"
  ),
  mutant(
    "slots that are full are offered",
    offered((found) => found.map((slot) => ({ ...slot, free: 0 }))),
    "listSlots MUST list slots ascending, of the service's duration, with a place left, and none that has passed"
  ),
  mutant(
    "every slot has one place",
    offered((found) => found.map((slot) => ({ ...slot, free: 1 }))),
    "listSlots MUST tell the places that are left, after a booking, a cancellation and a blocked time"
  ),
  mutant(
    "slots of an unknown facility are an empty list",
    slots((real) => ({
      list: (query) => Effect.catchTag(real.list(query), "PermissionDenied", () => Effect.succeed([]))
    })),
    "listSlots MUST refuse slots of a facility that the channel does not reach with PermissionDenied"
  ),
  mutant(
    "slots of an unknown service are an empty list",
    slots((real) => ({
      list: (query) => Effect.catchTag(real.list(query), "ResourceNotFound", () => Effect.succeed([]))
    })),
    "listSlots MUST refuse slots of a service that is not there with ResourceNotFound"
  ),
  mutant(
    "all intervals of a day share a grid",
    offered((found) =>
      found.filter(({ dateFrom }, index) => index === 0 || dateFrom >= (found[index - 1]?.dateTo ?? ""))
    ),
    "listSlots MUST begin a grid of the service's duration with each interval, and run on into one that abuts"
  ),
  mutant(
    "the last day of slots is exclusive",
    slots((real) => ({
      list: (query) =>
        Effect.map(real.list(query), (found) =>
          query.from === query.to ? found : found.filter(({ dateFrom }) => dateFrom.slice(0, 10) !== query.to)
        )
    })),
    "listSlots MUST take from and to for days of the slots' starts, both inclusive"
  ),
  mutant(
    "a slot that can be booked is not offered",
    offered((found) => found.filter(({ dateFrom }) => !dateFrom.endsWith("10:30:00"))),
    "listSlots MUST offer exactly the starts of the grid at which create accepts a reservation"
  ),
  mutant(
    "hidden services are offered to everyone",
    slots((real) => ({
      list: (query) =>
        Effect.flatMap(Caller, (caller) =>
          Effect.provideService(real.list(query), Caller, { ...caller, access: "write" })
        )
    })),
    "listSlots MUST leave hidden services out for a caller of access book"
  ),
  mutant(
    "the second pass of a repeated hour is not offered",
    offered((found) => found.filter(({ dateFromOffset }) => dateFromOffset === undefined)),
    "listSlots MUST offer both passes of a repeated hour, as many slots as the day has hours"
  )
]
