/**
 * What may be logged of an error: its kind and where it was raised. Never its message, for messages quote values: a
 * schema's the input, a database's a row. So no name, e-mail, phone, note or token reaches a log this way.
 */
import * as Cause from "effect/Cause"
import * as Predicate from "effect/Predicate"

// A kind and a code are names that a programmer chose; whatever else stands there is a value.
const isNameLike = (text: unknown): text is string => Predicate.isString(text) && /^[\w.$/-]{1,80}$/.test(text)

const kindOf = (error: unknown): string => {
  if (!Predicate.isObject(error)) return typeof error
  const kinds = [
    Predicate.hasProperty(error, "_tag") ? error._tag : undefined,
    Predicate.hasProperty(error, "name") ? error.name : undefined
  ]
  return kinds.find(isNameLike) ?? "Error"
}

const codeOf = (error: unknown): string =>
  Predicate.hasProperty(error, "code") && (isNameLike(error.code) || Predicate.isNumber(error.code))
    ? ` ${error.code}`
    : ""

// A stack begins with the message, which may have lines that look like places.
const withoutMessage = (stack: string, error: object): string => {
  const message = Predicate.hasProperty(error, "message") && Predicate.isString(error.message) ? error.message : ""
  const at = stack.indexOf(message)
  return at < 0 ? "" : stack.slice(at + message.length)
}

// Lines of a stack that name a place in code.
const framesOf = (error: unknown): ReadonlyArray<string> =>
  Predicate.isObject(error) && Predicate.hasProperty(error, "stack") && Predicate.isString(error.stack)
    ? withoutMessage(error.stack, error)
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
