/**
 * A tracer whose spans carry nothing of a person. What is exported leaves this machine, and Effect's spans hold addresses,
 * URLs with their queries, SQL, and messages of errors, which quote values: so only what is named here passes.
 */
import * as Cause from "effect/Cause"
import * as Exit from "effect/Exit"
import * as Tracer from "effect/Tracer"
import { describeCause } from "./Describe.ts"

// Names that programs chose, and numbers that are no ids. `http.route` is the template of a path.
const allowed: ReadonlySet<string> = new Set([
  "db.operation.name",
  "db.system.name",
  "effect.fiber.interrupted",
  "http.request.method",
  "http.response.status_code",
  "http.route",
  "operation",
  "outcome"
])

const harmless = (cause: Cause.Cause<unknown>): Cause.Cause<unknown> => {
  if (Cause.hasInterruptsOnly(cause)) return cause
  const error = new Error(describeCause(cause))
  error.stack = error.message
  return Cause.fail(error)
}

/** Passes spans on to a tracer with the attributes that are allowed, without events, and with errors as kinds and places. */
export const withoutPersonalData = (tracer: Tracer.Tracer): Tracer.Tracer =>
  Tracer.make({
    ...tracer,
    span: (options) => {
      const span = tracer.span(options)
      const attribute = span.attribute.bind(span)
      const end = span.end.bind(span)
      return Object.assign(span, {
        attribute: (key: string, value: unknown) => {
          if (allowed.has(key)) attribute(key, value)
        },
        event: () => {},
        end: (endTime: bigint, exit: Exit.Exit<unknown, unknown>) =>
          end(endTime, Exit.isSuccess(exit) ? exit : Exit.failCause(harmless(exit.cause)))
      })
    }
  })
