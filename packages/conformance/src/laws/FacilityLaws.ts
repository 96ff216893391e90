/** Laws of operation 1. */
import type { Language } from "@bookio-kit/core/text/Text"
import * as Effect from "effect/Effect"
import * as Ask from "../internal/Ask.ts"
import { claim, claimEqual } from "../internal/Expect.ts"
import * as Records from "../internal/Records.ts"
import { type Law, readLaw } from "../Law.ts"

/** The languages of the API (api.md, "Basics"). */
export const languages: ReadonlyArray<Language> = ["en", "sk", "cs", "de", "hu", "pl"]

export const isAscending = (ids: ReadonlyArray<number>): boolean =>
  ids.every((id, index) => index === 0 || (ids[index - 1] ?? 0) < id)

export const facilityLaws: ReadonlyArray<Law> = [
  readLaw("listFacilities", "MUST list facilities ascending by id, each once", {
    body: Effect.gen(function* () {
      const ids = (yield* Ask.first(Ask.listFacilities)).map(({ id }) => id)
      yield* claim(isAscending(ids), `the ids are ${ids.join(", ")}`)
    })
  }),
  readLaw("listFacilities", "MUST list the same facilities in every language", {
    body: Effect.gen(function* () {
      const ids = Effect.map(Ask.listFacilities, (facilities) =>
        facilities.map(({ id, timeZone }) => ({ id, timeZone }))
      )
      const english = yield* Ask.first(ids)
      for (const language of languages) {
        yield* claimEqual(yield* Ask.first(Ask.inLanguage(language)(ids)), english, `the listing in ${language}`)
      }
    })
  }),
  readLaw("listFacilities", "MUST leave a facility out for a channel that does not reach it", {
    body: Effect.gen(function* () {
      const stranger = yield* Ask.party("stranger")
      const facility = yield* Records.facility
      const listed = yield* Ask.by(stranger)(Ask.listFacilities)
      yield* claim(!listed.some(({ id }) => id === facility.id), `facility ${facility.id} is listed`)
    })
  })
]
