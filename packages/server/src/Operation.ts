/** What every handler does around its port: the access check of the contract, the envelope, the errors. */
import { Caller } from "@bookio-kit/core/access/Caller"
import type { ApiError } from "@bookio-kit/core/api/Envelope"
import { AllowedAccess } from "@bookio-kit/core/api/Operation"
import { PermissionDenied } from "@bookio-kit/core/error/Refusal"
import { render, type Text } from "@bookio-kit/core/text/Text"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import { answerError } from "./Failures.ts"

/** Data in the envelope of a success, with warnings where there are any. */
const success = <A>(data: A, warnings: ReadonlyArray<string>) =>
  warnings.length === 0
    ? ({ result: { success: true, data } } as const)
    : ({ result: { success: true, errors: warnings, data } } as const)

/**
 * Serves an operation: refuses access levels that the contract does not allow (errorCode 403), runs the port, and answers
 * with its data and warnings, or with its error.
 */
export const serve = <A, E extends ApiError, R>(
  request: { readonly endpoint: HttpApiEndpoint.Constraint },
  run: Effect.Effect<A, E, R>,
  warningsOf: (value: A) => ReadonlyArray<Text> = () => []
) =>
  Effect.gen(function* () {
    const { access, language } = yield* Caller
    const allowed = Context.getUnsafe((request.endpoint as HttpApiEndpoint.Top).annotations, AllowedAccess)
    if (!allowed.has(access)) return yield* new PermissionDenied({ reason: "access" })
    const value = yield* run
    return success(
      value,
      warningsOf(value).map((text) => render(text, language))
    )
  }).pipe(Effect.catch((error) => answerError(error)))
