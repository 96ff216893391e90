/** Core's port of free slots; never from the cache, for people choose by them. */
import { Slots } from "@bookio-kit/core/slot/Slots"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { listCalendars } from "./Calendars.ts"
import { Exchange, makeExchange } from "./Exchange.ts"
import { allow, parts } from "./Reading.ts"

export const layer = Layer.effect(Slots)(
  Effect.map(parts, (given) =>
    Slots.of({
      list: Effect.fn("Slots.list")(function* (query) {
        const { facilityId, serviceId } = query
        const session = yield* given.session
        yield* allow(session, facilityId)
        yield* given.index.facilityOf(session, "service", serviceId, facilityId)
        if (session.access === "book") {
          // The upstream token may see more than this key (engine.md, rule 12). What is looked up is not the answer.
          const calendars = yield* Effect.provideService(
            listCalendars(given, session, { facilityId }),
            Exchange,
            makeExchange(false)
          )
          const service = calendars.flatMap(({ services }) => services).find(({ id }) => id === serviceId)
          if (service?.hiddenInOnlineForm === true) return []
        }
        return yield* given.upstream.read(
          session,
          Effect.flatMap(Slots, ({ list }) => list(query))
        )
      })
    })
  )
)
