import { BookioApi } from "@bookio-kit/core/api/BookioApi"
import { AllowedAccess } from "@bookio-kit/core/api/Operation"
import { Context } from "effect"
import { HttpApi } from "effect/http-api"
import { expect, it } from "vitest"
import { allowed } from "../../src/backend/GuardedPorts.ts"

it("guards each operation by the access that the contract declares for it", () => {
  const declared: { [operation: string]: unknown } = {}
  HttpApi.reflect(BookioApi, {
    onGroup: () => {},
    onEndpoint: ({ endpoint, mergedAnnotations }) => {
      // Everyone with a token lists facilities, so that there is nothing to guard.
      if (endpoint.identifier === "listFacilities") return
      declared[endpoint.identifier] = Context.getUnsafe(mergedAnnotations, AllowedAccess)
    }
  })
  expect(allowed).toEqual(declared)
})
