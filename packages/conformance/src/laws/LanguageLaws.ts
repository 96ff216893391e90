/** Laws of languages (api.md, "Basics"): `lang` changes texts and nothing else. */
import type { ApiError } from "@bookio-kit/core/api/Envelope"
import * as Effect from "effect/Effect"
import * as Ask from "../internal/Ask.ts"
import { claimEqual } from "../internal/Expect.ts"
import * as Records from "../internal/Records.ts"
import { world } from "../internal/World.ts"
import { type Law, LawFailure, writeLaw } from "../Law.ts"
import { languages } from "./FacilityLaws.ts"

/** What a program decides on: the class, and the fields of a code 10. */
const decided = (error: ApiError): string =>
  error._tag === "ValidationError" ? `10 ${error.problems.map(({ field }) => field ?? "-").join(", ")}` : error._tag

export const languageLaws: ReadonlyArray<Law> = [
  writeLaw("createReservation", "MUST refuse alike in every language, and name the same fields", {
    body: Effect.gen(function* () {
      const { book, facility, service, wall } = yield* world()
      const { externalId = Ask.unknown.externalId } = yield* book({ at: "10:00" })
      const given = {
        ...(yield* Records.freshPerson),
        externalId: yield* Records.freshId,
        locale: "en",
        dateFrom: wall("10:00"),
        serviceId: service("Solo"),
        facilityId: facility.id
      }
      const requests = [
        [{ ...given, dateFrom: wall("18:00") }, "10 dateFrom"],
        [{ ...given, serviceId: Ask.unknown.service }, "ResourceNotFound"],
        [given, "NoCapacityLeft"],
        [{ ...given, externalId }, "DuplicateReservation"],
        [{ ...given, facilityId: Ask.unknown.facility }, "PermissionDenied"]
      ] as const
      for (const language of languages) {
        for (const [request, expected] of requests) {
          const answer = yield* Effect.result(Ask.first(Ask.inLanguage(language)(Ask.createReservation(request))))
          if (answer._tag === "Success")
            return yield* new LawFailure({ problem: `${expected} is no refusal in ${language}` })
          yield* claimEqual(decided(answer.failure), expected, `the refusal in ${language}`)
        }
      }
    })
  })
]
