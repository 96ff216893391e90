/** Logs to standard error: one line each, for people on a terminal, else as JSON; causes only as kinds and places. */
import { describeCause } from "@bookio-kit/server/Describe"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as References from "effect/References"

const textOf = (message: unknown): string =>
  (Array.isArray(message) ? message : [message])
    .map((part) => (typeof part === "string" ? part : describeCause(part)))
    .join(" ")

const logger = Logger.make(({ cause, date, logLevel, message }) => {
  const error = cause.reasons.length === 0 ? undefined : describeCause(cause)
  const text = textOf(message)
  process.stderr.write(
    process.stderr.isTTY === true
      ? `[${date.toISOString().slice(11, 23)}] ${logLevel.toUpperCase()} ${text}${error === undefined ? "" : ` ${error}`}\n`
      : `${JSON.stringify({ timestamp: date.toISOString(), level: logLevel.toUpperCase(), message: text, ...(error === undefined ? {} : { error }) })}\n`
  )
})

export const layer = Layer.merge(Logger.layer([logger]), Layer.succeed(References.TracerEnabled)(false))
