/**
 * Ties a schema's checks to the texts that users read. A check made here, or a schema annotated by `saying`, carries the
 * text to show when it fails; `text/Problems.ts` finds it on the issue. So a rule and its message stand in one place.
 */
import * as Schema from "effect/Schema"
import type * as SchemaAST from "effect/SchemaAST"
import type { Text } from "../text/Text.ts"

/** The annotation under which a check or a schema carries its text. */
export const problemAnnotation = "bookioProblem"

/** The annotation under which a check carries its rule as a plain function, for code that tells no more than yes or no. */
export const predicateAnnotation = "bookioPredicate"

/** Annotations that make a failing check, or a schema that meets a wrong type, say this text. */
export const saying = (key: Text["key"], params?: Text["params"]): { readonly [problemAnnotation]: Text } => ({
  [problemAnnotation]: params === undefined ? { key } : { key, params }
})

/** A check that says a text when its predicate does not hold; `jsonSchema` is what the OpenAPI document can say of it. */
export const check = <T>(
  predicate: (value: T) => boolean,
  key: Text["key"],
  options: { readonly params?: Text["params"]; readonly jsonSchema?: { readonly [keyword: string]: Schema.Json } } = {}
): SchemaAST.Filter<T> =>
  Schema.makeFilter(predicate, {
    ...saying(key, options.params),
    toJsonSchema: () => (options.jsonSchema === undefined ? [{}, true] : [{ ...options.jsonSchema }, true])
  })

/** A whole number from `minimum` to `maximum`, both inclusive. */
export const whole = (
  minimum: number,
  maximum: number,
  key: Text["key"] = "notWhole",
  annotations: { readonly format?: string } = {}
) => {
  const problem = saying(key, key === "notWhole" ? { min: minimum, max: maximum } : undefined)
  return Schema.Number.annotate({ ...problem, ...annotations }).check(
    Schema.isInt(problem),
    Schema.isBetween({ minimum, maximum }, problem)
  )
}
