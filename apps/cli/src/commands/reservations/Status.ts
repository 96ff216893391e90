/** Changes of a reservation's status, which three commands are. */
import type { StatusChange } from "@bookio-kit/core/reservation/Reservation"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import * as Effect from "effect/Effect"
import { confirm } from "../../Confirm.ts"
import { showTime } from "../../Days.ts"
import { printOne } from "../../output/Output.ts"
import { nameReservation } from "./Which.ts"

/** What is to be changed, and what is asked and said of it. */
export interface Step {
  readonly reservation: string
  readonly facility: string | undefined
  readonly change: StatusChange
  /** Completes "Reservation … was …". */
  readonly done: string
  /** What is asked before; nothing where absent. */
  readonly ask?: { readonly question: (title: string) => string; readonly yes: boolean }
}

/** Asks where it is to, changes the status, and says so. */
export const changeStatus = Effect.fnUntraced(function* ({ ask, change, done, facility, reservation }: Step) {
  const { id, row, title } = yield* nameReservation(reservation, facility)
  const when = row === undefined ? "" : ` of ${showTime(row.dateFrom, row.dateFromOffset)}`
  if (ask !== undefined) yield* confirm(ask.yes, ask.question(`${title}${when}`))
  const written = yield* Effect.flatMap(Reservations, (port) => port.changeStatus(id, change))
  yield* printOne(written, [`${title[0]?.toUpperCase()}${title.slice(1)} was ${done}.`])
})
