/** What laws claim: each claim is an Effect that fails with a `LawFailure` that says what was found. */
import type { ApiError } from "@bookio-kit/core/api/Envelope"
import type { ValidationError } from "@bookio-kit/core/error/Refusal"
import * as Effect from "effect/Effect"
import * as Equal from "effect/Equal"
import * as Result from "effect/Result"
import { LawFailure } from "../Law.ts"
import { describeError } from "./Describe.ts"

const fail = (problem: string) => Effect.fail(new LawFailure({ problem }))

/** Claims a condition. */
export const claim = (condition: boolean, problem: string): Effect.Effect<void, LawFailure> =>
  condition ? Effect.void : fail(problem)

/** Claims that two values are equal in structure; both are told, so neither may be a person's data. */
export const claimEqual = <A>(actual: A, expected: A, what: string): Effect.Effect<void, LawFailure> =>
  Equal.equals(actual, expected)
    ? Effect.void
    : fail(`${what} is ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`)

/** Claims that the members of a record are as expected; only names of members are told. */
export const claimMembers = <A extends object>(
  actual: A,
  expected: { readonly [K in keyof A]?: A[K] | undefined },
  what: string
): Effect.Effect<void, LawFailure> => {
  const wrong = (Object.keys(expected) as Array<keyof A>).filter((key) => !Equal.equals(actual[key], expected[key]))
  return wrong.length === 0 ? Effect.void : fail(`${what} has another ${wrong.join(", ")} than it was given`)
}

/** Claims that an effect is refused with one class of errors; gives the refusal. */
export const refused = <A, E extends ApiError | LawFailure, R, T extends ApiError["_tag"] & E["_tag"]>(
  effect: Effect.Effect<A, E, R>,
  tag: T,
  what: string
): Effect.Effect<Extract<E, { readonly _tag: T }>, LawFailure, R> =>
  Effect.flatMap(Effect.result(effect), (answer) => {
    if (Result.isSuccess(answer)) return fail(`${what} was accepted, not refused with ${tag}`)
    const error = answer.failure
    if (error._tag === tag) return Effect.succeed(error as Extract<E, { readonly _tag: T }>)
    return error._tag === "LawFailure"
      ? fail(error.problem)
      : fail(`${what} was answered with ${describeError(error as ApiError)}, not refused with ${tag}`)
  })

/** Claims that an effect is refused with code 10, and that a problem names the field. */
export const refusedFor = <A, E extends ApiError | LawFailure, R>(
  effect: Effect.Effect<A, E, R>,
  field: "ValidationError" extends E["_tag"] ? string : never,
  what: string
): Effect.Effect<ValidationError, LawFailure, R> =>
  refused(effect, "ValidationError" as ApiError["_tag"] & E["_tag"], what).pipe(
    Effect.flatMap((refusal) => {
      const error = refusal as ApiError as ValidationError
      const fields = error.problems.map((problem) => problem.field ?? "-")
      return Effect.as(
        claim(fields.includes(field), `the refusal of ${what} names ${fields.join(", ")}, not ${field}`),
        error
      )
    })
  )
