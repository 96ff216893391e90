/** Core's port of facilities over HTTP. */
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { BookioClient } from "./BookioClient.ts"
import { facilities, only, responseMode, successOf } from "./Operations.ts"

const success = successOf(facilities.endpoints.listFacilities)

export const layer: Layer.Layer<Facilities, never, BookioClient> = Layer.effect(Facilities)(
  Effect.map(BookioClient, (client) =>
    Facilities.of({
      list: client
        .read({
          operation: "listFacilities",
          success,
          send: (query) => client.api.facilities.listFacilities({ query, responseMode })
        })
        .pipe(
          only("InvalidToken"),
          Effect.map(({ data }) => data.facilities),
          Effect.withSpan("Facilities.list")
        )
    })
  )
)
