/** Reservations as rows: with the names of their service, calendar and facility, for the API lists ids only. */
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import type { Facility } from "@bookio-kit/core/facility/Facility"
import type { Reservation } from "@bookio-kit/core/reservation/Reservation"
import * as Effect from "effect/Effect"
import { showTime, zoneTitle } from "../../Days.ts"
import type { Color, Column } from "../../output/Table.ts"

/** A reservation with what its ids stand for; a name is absent where the id is no longer listed. */
export interface Row extends Reservation {
  readonly serviceName: string | undefined
  readonly calendarName: string | undefined
  readonly facilityName: string | undefined
  readonly timeZone: string | undefined
}

/** Makes rows of reservations. */
export const rowsOf = Effect.fnUntraced(function* (
  byId: ReadonlyMap<number, Facility>,
  query: { readonly facilityId?: Facility["id"] }
) {
  const calendars = yield* Effect.flatMap(Calendars, (port) => port.list(query))
  const services = new Map(
    calendars.flatMap((calendar) =>
      calendar.services.map(({ id, name }): [number, readonly [string, string]] => [id, [name, calendar.name]])
    )
  )
  return (reservation: Reservation): Row => {
    const [serviceName, calendarName] = services.get(reservation.service) ?? []
    const facility = byId.get(reservation.facilityId)
    return { ...reservation, serviceName, calendarName, facilityName: facility?.name, timeZone: facility?.timeZone }
  }
})

const statusColors: { readonly [S in Reservation["status"]]: Color | undefined } = {
  CONFIRMED: undefined,
  CANCELLED: "dim",
  DID_NOT_COME: "yellow"
}

/** The columns of a table of reservations; with the facility and its zone where there are several. */
export const columns = (byId: ReadonlyMap<number, Facility>, one: Facility | undefined): ReadonlyArray<Column<Row>> => {
  const shown = one === undefined ? [...byId.values()] : [one]
  return [
    { title: "NUMBER", cell: ({ id, number }) => number ?? `#${id}` },
    {
      title: zoneTitle(
        "FROM",
        shown.map(({ timeZone }) => timeZone)
      ),
      cell: ({ dateFrom, dateFromOffset }) => showTime(dateFrom, dateFromOffset),
      least: 16
    },
    { title: "MIN", cell: ({ duration }) => String(duration), align: "right", spare: 3 },
    { title: "NAME", cell: ({ name }) => name, least: 10 },
    { title: "PHONE", cell: ({ phone }) => phone ?? "", spare: 4 },
    { title: "SERVICE", cell: ({ service, serviceName }) => serviceName ?? `#${service}`, least: 8, spare: 2 },
    {
      title: "STATUS",
      cell: ({ status }) => status,
      color: ({ status }) => statusColors[status],
      spare: 1
    },
    ...(shown.length > 1
      ? [{ title: "FACILITY", cell: ({ facilityName }: Row) => facilityName ?? "", least: 8, spare: 2 }]
      : []),
    ...(new Set(shown.map(({ timeZone }) => timeZone)).size > 1
      ? [{ title: "ZONE", cell: ({ timeZone }: Row) => timeZone ?? "" }]
      : [])
  ]
}
