/** The example of the README; `Readme.test.ts` runs it and compares the two. */

import * as BookioRemote from "@bookio-kit/adapter-bookio/BookioRemote"
import * as Listing from "@bookio-kit/adapter-bookio/Listing"
import { Caller } from "@bookio-kit/core/access/Caller"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { ChannelId, FacilityId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"

/** Cancels a reservation, and then counts all that changed since an instant (Unix time in milliseconds). */
const program = (facilityId: FacilityId, since: number) =>
  Effect.gen(function* () {
    const reservations = yield* Reservations
    const { rows } = yield* reservations.list({ facilityId, status: "CONFIRMED", limit: 1 })
    for (const { id } of rows) yield* reservations.changeStatus(id, { status: "CANCELLED" })

    return yield* Stream.runFold(
      Listing.reservations({ facilityId, lastSync: since }),
      () => ({ changed: 0, isComplete: false }),
      (known, listed) =>
        listed._tag === "Rows"
          ? { ...known, changed: known.changed + listed.rows.length }
          : { ...known, isComplete: listed.coverage === "complete" }
    )
  })

export const run = (baseUrl: string, token: string) =>
  program(FacilityId.make(1), 0).pipe(
    // The server knows by the token who asks; of this the language of texts is used.
    Effect.provideService(Caller, { channelId: ChannelId.make(1), access: "write", language: "sk" }),
    Effect.provide(Layer.provide(BookioRemote.layer({ baseUrl, token: Redacted.make(token) }), FetchHttpClient.layer))
  )
