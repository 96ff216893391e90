/** Core's port of facilities: those of the key, in the upstream's words. */
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import type { Facility } from "@bookio-kit/core/facility/Facility"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { cached, parts } from "./Reading.ts"
import { reaches } from "./Session.ts"

export const layer = Layer.effect(Facilities)(
  Effect.map(parts, (given) => {
    const { lifetimes, upstream } = given
    return Facilities.of({
      list: Effect.gen(function* () {
        const session = yield* given.session
        const listed = upstream.read(
          session,
          Effect.flatMap(Facilities, ({ list }) => list)
        )
        return yield* cached(
          given,
          session,
          {
            operation: "listFacilities",
            query: null,
            // No operation changes a facility.
            concerned: [],
            lifetimeMs: lifetimes.facilitiesMs,
            mayBeStale: true,
            rows: (facilities: ReadonlyArray<Facility>) => facilities.length
          },
          Effect.map(listed, (facilities) => facilities.filter(({ id }) => reaches(session, id)))
        )
      }).pipe(Effect.withSpan("Facilities.list"))
    })
  })
)
