/** Backends that honestly lack one capability: each keeps the law of its absence, and breaks those of its presence. */
import { Caller } from "@bookio-kit/core/access/Caller"
import type { Capabilities } from "@bookio-kit/core/backend/Capabilities"
import { DuplicateReservation, EndpointNotFound } from "@bookio-kit/core/error/Refusal"
import type { ReservationId } from "@bookio-kit/core/scalar/Id"
import { ExternalId } from "@bookio-kit/core/scalar/Id"
import { Context, Effect, Stream } from "effect"
import { blockedTimes, type Defect, events, reservations, slots, together } from "./Defect.ts"

type Offsets = "createdOffset" | "dateFromOffset" | "dateToOffset" | "cancelTimeOffset"

const plain = <A extends object>(row: A): Omit<A, Offsets> & { readonly [O in Offsets]?: never } =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !name.endsWith("Offset"))) as Omit<A, Offsets>

const plainRows = <A extends object, E, R>(
  page: Effect.Effect<
    { readonly pagination: { total: number; offset: number; limit: number }; readonly rows: ReadonlyArray<A> },
    E,
    R
  >
) => Effect.map(page, ({ pagination, rows }) => ({ pagination, rows: rows.map(plain) }))

let drawn = 2 ** 31
const drawId = () => ExternalId.make(++drawn)

const anonymous = ({ reason }: DuplicateReservation) => Effect.fail(new DuplicateReservation({ reason }))

/** One channel for all: the others are served as the first. */
const oneChannel: Defect = (party, role, first) =>
  role === "second" ? Context.add(party, Caller, Context.get(first, Caller)) : party

export const lacking: { readonly [C in keyof Capabilities["Service"]]: Defect } = {
  slots: slots(() => ({ list: () => Effect.fail(new EndpointNotFound()) })),
  offsets: together(
    reservations((real) => ({
      list: (query) => plainRows(real.list(query)),
      create: (given) => real.create(plain(given)),
      changeTerm: (id, change) => real.changeTerm(id, plain(change))
    })),
    blockedTimes((real) => ({
      list: (query) => plainRows(real.list(query)),
      create: (given) => real.create(plain(given)),
      changeTerm: (id, change) => real.changeTerm(id, plain(change))
    })),
    slots((real) => ({ list: (query) => Effect.map(real.list(query), (found) => found.map(plain)) }))
  ),
  channelFlags: oneChannel,
  duplicateIds: together(
    reservations((real) => ({
      create: (given) => Effect.catchTag(real.create(given), "DuplicateReservation", anonymous)
    })),
    blockedTimes((real) => ({
      create: (given) => Effect.catchTag(real.create(given), "DuplicateReservation", anonymous)
    }))
  ),
  lateRetries: together(
    // Made under an externalId of its own, and then told the one that is asked for.
    reservations((real) => ({
      create: (given) =>
        Effect.catchTag(real.create(given), "DuplicateReservation", (error) =>
          error.reason === "retry"
            ? Effect.flatMap(real.create({ ...given, externalId: drawId() }), ({ reservationId }) =>
                Effect.catchTag(real.confirmSync(reservationId, given), "ResourceNotFound", Effect.die)
              )
            : Effect.fail(error)
        )
    })),
    blockedTimes((real) => ({
      create: (given) =>
        Effect.catchTag(real.create(given), "DuplicateReservation", (error) =>
          error.reason === "retry" ? real.create({ ...given, externalId: drawId() }) : Effect.fail(error)
        )
    }))
  ),
  personDuplicates: reservations((real) => {
    let count = 0
    const passed = (id: ReservationId) => Effect.succeed({ reservationId: id })
    return {
      create: (given) =>
        Effect.catchTag(real.create(given), "DuplicateReservation", (error) =>
          error.reason === "person"
            ? real.create({ ...given, surname: `${given.surname} ${++count}` })
            : Effect.fail(error)
        ),
      changeStatus: (id, change) =>
        Effect.catchTag(real.changeStatus(id, change), "DuplicateReservation", (error) =>
          error.reason === "person" ? passed(id) : Effect.fail(error)
        ),
      changeTerm: (id, change) =>
        Effect.catchTag(real.changeTerm(id, change), "DuplicateReservation", (error) =>
          error.reason === "person" ? passed(id) : Effect.fail(error)
        )
    }
  }),
  events: events(() => {
    const absent = Effect.fail(new EndpointNotFound())
    return { list: () => absent, follow: () => Stream.fromEffect(absent), newest: absent }
  })
}
