/** Mutants that mistake one caller for another. */
import { type Operation, operations } from "@bookio-kit/conformance/Law"
import { Caller } from "@bookio-kit/core/access/Caller"
import { Context } from "effect"
import { asFirst, type Mutant, mutant, only, type Title } from "./Defect.ts"

const denied = (operation: Operation): Title =>
  `${operation} MUST refuse ${operation} at a facility of other channels with PermissionDenied`

const hidden = (operation: Operation, record: string): Title =>
  `${operation} MUST answer ${operation} of ${record} of another channel's facility like one that is not there`

const foreign: { readonly [O in Operation]: ReadonlyArray<Title> } = {
  listFacilities: ["listFacilities MUST leave a facility out for a channel that does not reach it"],
  listCalendars: [denied("listCalendars")],
  createCalendar: [denied("createCalendar")],
  updateCalendar: [hidden("updateCalendar", "a calendar")],
  endCalendar: [hidden("endCalendar", "a calendar")],
  listReservations: [
    denied("listReservations"),
    "listReservations MUST leave a reservation out for a channel that does not reach its facility"
  ],
  createReservation: [denied("createReservation")],
  changeReservationStatus: [hidden("changeReservationStatus", "a reservation")],
  changeReservationTerm: [hidden("changeReservationTerm", "a reservation")],
  confirmReservationSync: [hidden("confirmReservationSync", "a reservation")],
  listBlockedTimes: [denied("listBlockedTimes")],
  createBlockedTime: [denied("createBlockedTime")],
  changeBlockedTimeTerm: [hidden("changeBlockedTimeTerm", "a blocked time")],
  removeBlockedTime: [hidden("removeBlockedTime", "a blocked time")],
  listSlots: [denied("listSlots")],
  listEvents: [
    denied("listEvents"),
    "listEvents MUST leave events out for a channel that does not reach their facility"
  ]
}

const isListing = (operation: Operation) => operation.startsWith("list")

export const callerMutants: ReadonlyArray<Mutant> = [
  ...operations.flatMap((operation) => [
    mutant(
      `${operation} takes any token`,
      only("intruder", asFirst(operation)),
      `${operation} MUST refuse ${operation} to a token that is not valid with InvalidToken`
    ),
    ...(isListing(operation)
      ? []
      : [
          mutant(
            `${operation} lets a reader write`,
            only("reader", asFirst(operation)),
            `${operation} MUST refuse ${operation} to a token that may only read with PermissionDenied`
          )
        ]),
    mutant(`${operation} reaches any facility`, only("stranger", asFirst(operation)), ...foreign[operation])
  ]),
  mutant(
    "access book is access write",
    only("booker", (party) => Context.add(party, Caller, { ...Context.get(party, Caller), access: "write" })),
    "listReservations MUST show a caller of access book only the reservations of its own channel",
    "createReservation MUST NOT name another channel's reservation to a caller of access book",
    "listSlots MUST leave hidden services out for a caller of access book",
    "listEvents MUST refuse a caller of access book with PermissionDenied"
  )
]
