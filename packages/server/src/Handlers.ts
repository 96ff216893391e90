/** The handlers of the contract over core's ports: each names its port method and the member its answer stands in. */
import { ServerApi } from "@bookio-kit/core/api/BookioApi"
import { AuditEntries } from "@bookio-kit/core/audit/AuditEntries"
import { BlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { Calendar } from "@bookio-kit/core/calendar/Calendar"
import { Calendars, type CalendarWritten } from "@bookio-kit/core/calendar/Calendars"
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import { Facility } from "@bookio-kit/core/facility/Facility"
import { Reservation } from "@bookio-kit/core/reservation/Reservation"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { Slots } from "@bookio-kit/core/slot/Slots"
import * as Effect from "effect/Effect"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Layer from "effect/Layer"
import { makeServeEvents } from "./EventStream.ts"
import { serve } from "./Operation.ts"
import { makeServeList, makeServePage } from "./Shared.ts"
import { WebhooksHandlers } from "./WebhooksHandlers.ts"
import { makeServeWrite } from "./WriteOperation.ts"

export const FacilitiesHandlers = HttpApiBuilder.group(
  ServerApi,
  "facilities",
  Effect.fnUntraced(function* (handlers) {
    const port = yield* Facilities
    const serveList = makeServeList("facilities", Facility)
    return handlers.handleAll({ listFacilities: (request) => serveList(request, port.list) })
  })
)

const calendarId = ({ calendarId, warnings }: CalendarWritten) => ({ calendarId, warnings })

export const CalendarsHandlers = HttpApiBuilder.group(
  ServerApi,
  "calendars",
  Effect.fnUntraced(function* (handlers) {
    const port = yield* Calendars
    const serveList = makeServeList("calendars", Calendar)
    const serveWrite = yield* makeServeWrite
    return handlers.handleAll({
      listCalendars: (request) => serveList(request, port.list(request.query)),
      createCalendar: (request) =>
        serveWrite(request, Effect.map(port.create(request.payload), calendarId), ({ warnings }) => warnings),
      updateCalendar: (request) =>
        serveWrite(
          request,
          Effect.map(port.update(request.params.calendarId, request.payload), calendarId),
          (written) => written.warnings
        ),
      endCalendar: (request) =>
        serveWrite(
          request,
          Effect.map(port.end(request.params.calendarId, request.payload), calendarId),
          (written) => written.warnings
        )
    })
  })
)

export const ReservationsHandlers = HttpApiBuilder.group(
  ServerApi,
  "reservations",
  Effect.fnUntraced(function* (handlers) {
    const port = yield* Reservations
    const servePage = makeServePage("reservations", Reservation)
    const serveWrite = yield* makeServeWrite
    return handlers.handleAll({
      listReservations: (request) => servePage(request, port.list(request.query)),
      createReservation: (request) => serveWrite(request, port.create(request.payload)),
      changeReservationStatus: (request) =>
        serveWrite(request, port.changeStatus(request.params.reservationId, request.payload)),
      changeReservationTerm: (request) =>
        serveWrite(request, port.changeTerm(request.params.reservationId, request.payload)),
      confirmReservationSync: (request) =>
        serveWrite(request, port.confirmSync(request.params.reservationId, request.payload))
    })
  })
)

export const BlockedTimesHandlers = HttpApiBuilder.group(
  ServerApi,
  "blockedTimes",
  Effect.fnUntraced(function* (handlers) {
    const port = yield* BlockedTimes
    const servePage = makeServePage("blockedTimes", BlockedTime)
    const serveWrite = yield* makeServeWrite
    return handlers.handleAll({
      listBlockedTimes: (request) => servePage(request, port.list(request.query)),
      createBlockedTime: (request) => serveWrite(request, port.create(request.payload)),
      changeBlockedTimeTerm: (request) =>
        serveWrite(
          request,
          Effect.map(port.changeTerm(request.params.blockedTimeId, request.payload), ({ blockedTimeId }) => ({
            blockedTimeId,
            reservationId: blockedTimeId
          }))
        ),
      removeBlockedTime: (request) => serveWrite(request, port.remove(request.params.blockedTimeId))
    })
  })
)

export const ExtensionHandlers = HttpApiBuilder.group(
  ServerApi,
  "extension",
  Effect.fnUntraced(function* (handlers) {
    const slots = yield* Slots
    const auditEntries = yield* AuditEntries
    const serveEvents = yield* makeServeEvents
    return handlers.handleAll({
      listSlots: (request) =>
        serve(
          request,
          Effect.map(slots.list(request.query), (slots) => ({ slots }))
        ),
      listAuditEntries: (request) =>
        serve(
          request,
          Effect.map(auditEntries.list(request.query), ({ pagination, rows }) => ({ pagination, entries: rows }))
        ),
      listEvents: (request) => serveEvents(request)
    })
  })
)

/** All groups of the contract. */
export const layer = Layer.mergeAll(
  FacilitiesHandlers,
  CalendarsHandlers,
  ReservationsHandlers,
  BlockedTimesHandlers,
  ExtensionHandlers,
  WebhooksHandlers
)
