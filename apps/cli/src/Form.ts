/** What the command line said as the request that it means, by core's schemas: every problem at once, as a server tells it. */
import { ValidationError } from "@bookio-kit/core/error/Refusal"
import { problemsOf } from "@bookio-kit/core/text/Problems"
import { say } from "@bookio-kit/core/text/Text"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** The members that are given; those that are undefined are left out. */
export const present = (members: { readonly [name: string]: unknown }): { readonly [name: string]: unknown } =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined))

/** Decodes a request. @errors `ValidationError`. */
export const readForm = <A, I>(schema: Schema.Codec<A, I>, form: unknown): Effect.Effect<A, ValidationError> =>
  Schema.decodeUnknownEffect(schema, { errors: "all" })(form).pipe(
    Effect.mapError(({ issue }) => {
      const [first = say("invalid"), ...others] = problemsOf(issue)
      return new ValidationError({ problems: [first, ...others] })
    })
  )
