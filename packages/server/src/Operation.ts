/** What every handler does around its port: the access check of the contract, the envelope, the errors. */
import { Caller } from "@bookio-kit/core/access/Caller"
import type { ApiError } from "@bookio-kit/core/api/Envelope"
import { AllowedAccess } from "@bookio-kit/core/api/Operation"
import { PermissionDenied } from "@bookio-kit/core/error/Refusal"
import { type Language, render, type Text } from "@bookio-kit/core/text/Text"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import type * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import { answerError } from "./Failures.ts"

/** A decoded request, as far as it is needed here. */
export interface Request {
  readonly endpoint: HttpApiEndpoint.Constraint
}

/** Data in the envelope of a success, with warnings where there are any. */
export const success = <A>(data: A, warnings: ReadonlyArray<Text>, language: Language) =>
  warnings.length === 0
    ? ({ result: { success: true, data } } as const)
    : ({ result: { success: true, errors: warnings.map((text) => render(text, language)), data } } as const)

/** Refuses access levels that the contract does not allow (errorCode 403). */
export const checkAccess = ({ endpoint }: Request) =>
  Effect.flatMap(Caller, ({ access }) =>
    Context.getUnsafe((endpoint as HttpApiEndpoint.Top).annotations, AllowedAccess).has(access)
      ? Effect.void
      : Effect.fail(new PermissionDenied({ reason: "access" }))
  )

/** Serves a reading operation: checks access, runs the port, and answers with its data or its error. */
export const serve = <A, E extends ApiError, R>(request: Request, run: Effect.Effect<A, E, R>) =>
  checkAccess(request).pipe(
    Effect.andThen(run),
    Effect.map((data) => success(data, [], "en")),
    Effect.catch((error) => answerError(error))
  )
