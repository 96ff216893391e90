/** The example of the README; `Readme.test.ts` runs it and compares the two. */
import { Authorization } from "@bookio-kit/core/api/Authorization"
import { BookioApi } from "@bookio-kit/core/api/BookioApi"
import { NewReservation } from "@bookio-kit/core/reservation/Reservation"
import { problemsOf } from "@bookio-kit/core/text/Problems"
import { languageOf, render } from "@bookio-kit/core/text/Text"
import { LocalDate } from "@bookio-kit/core/time/LocalDate"
import * as Effect from "effect/Effect"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import * as HttpApiClient from "effect/http-api/HttpApiClient"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/** What is wrong with a body that asks for a reservation, in the user's language; nothing where it is well-formed. */
export const complaints = (body: unknown, lang: string): ReadonlyArray<string> =>
  Result.match(Schema.decodeUnknownResult(NewReservation, { errors: "all" })(body), {
    onSuccess: () => [],
    onFailure: ({ issue }) => problemsOf(issue).map((text) => render(text, languageOf(lang)))
  })

/** The reservations that start on a day or later, of any server of the API: one page. Needs an HttpClient. */
export const reservationsFrom = (day: string, token: Redacted.Redacted) =>
  Effect.gen(function* () {
    const client = yield* HttpApiClient.make(BookioApi, { baseUrl: "https://medic.bookio.com/public/api/v1" })
    const { result } = yield* client.reservations.listReservations({
      query: { from: LocalDate.make(day), status: "CONFIRMED", limit: 50, lang: "sk" }
    })
    return result.data.reservations
  }).pipe(
    Effect.provide(
      HttpApiMiddleware.layerClient(Authorization, ({ next, request }) =>
        next(HttpClientRequest.bearerToken(request, Redacted.value(token)))
      )
    )
  )
