/**
 * What may be logged of an error: its kind and where it was raised. Never its message, for messages quote values: a
 * schema's the input, a database's a row. So no name, e-mail, phone, note or token reaches a log this way.
 */
import * as Cause from "effect/Cause"
import * as Predicate from "effect/Predicate"

const kindOf = (error: unknown): string => {
  if (!Predicate.isObject(error)) return typeof error
  const tag = Predicate.hasProperty(error, "_tag") && Predicate.isString(error._tag) ? error._tag : undefined
  const name = Predicate.hasProperty(error, "name") && Predicate.isString(error.name) ? error.name : "Error"
  return tag ?? name
}

const codeOf = (error: unknown): string =>
  Predicate.hasProperty(error, "code") && (Predicate.isString(error.code) || Predicate.isNumber(error.code))
    ? ` ${error.code}`
    : ""

// Lines of a stack that name a place; the message before them may have several lines.
const framesOf = (error: unknown): ReadonlyArray<string> =>
  Predicate.hasProperty(error, "stack") && Predicate.isString(error.stack)
    ? error.stack
        .split("\n")
        .filter((line) => /^\s+at .*\d+:\d+\)?$/.test(line))
        .slice(0, 8)
        .map((line) => line.trim().replace(/\(?file:\/\/\S*?\/((?:packages|apps|node_modules)\/)/, "($1"))
    : []

const describe = (error: unknown, depth: number): string => {
  const inner = Predicate.hasProperty(error, "reason")
    ? error.reason
    : Predicate.hasProperty(error, "cause")
      ? error.cause
      : undefined
  const own = [`${kindOf(error)}${codeOf(error)}`, ...framesOf(error)].join(" ")
  return Predicate.isObject(inner) && depth < 4 ? `${own}; caused by ${describeCause(inner, depth + 1)}` : own
}

/** One line about an error or an Effect cause: kinds, codes and places, never messages. */
export const describeCause = (error: unknown, depth = 0): string =>
  Cause.isCause(error)
    ? error.reasons
        .map((reason) =>
          Cause.isFailReason(reason)
            ? describe(reason.error, depth)
            : Cause.isDieReason(reason)
              ? describe(reason.defect, depth)
              : "interrupted"
        )
        .join(", ")
    : describe(error, depth)
