/** Logs to standard error: one line each, of the level and format that the settings ask for; causes only as kinds and places. */
import * as AccessLog from "@bookio-kit/server/AccessLog"
import { describeCause } from "@bookio-kit/server/Describe"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as References from "effect/References"

export interface LoggingOptions {
  readonly level: "debug" | "info" | "warn" | "error" | "off"
  readonly format: "pretty" | "json" | undefined
}

const levels = { debug: "Debug", info: "Info", warn: "Warn", error: "Error", off: "None" } as const

const write = (lines: string) => {
  process.stderr.write(lines)
}

const textOf = (message: unknown): string =>
  (Array.isArray(message) ? message : [message])
    .map((part) => (typeof part === "string" ? part : describeCause(part)))
    .join(" ")

const logger = (format: "pretty" | "json") =>
  Logger.make(({ cause, date, fiber, logLevel, message }) => {
    const annotations = fiber.getRef(References.CurrentLogAnnotations)
    const error = cause.reasons.length === 0 ? {} : { error: describeCause(cause) }
    const entry = { message: textOf(message), ...annotations, ...error }
    if (format === "json") {
      return write(`${JSON.stringify({ timestamp: date.toISOString(), level: logLevel.toUpperCase(), ...entry })}\n`)
    }
    const { message: text, ...rest } = entry
    const details = Object.entries(rest).map(([name, value]) => ` ${name}=${String(value)}`)
    write(`[${date.toISOString().slice(11, 23)}] ${logLevel.toUpperCase()} ${text}${details.join("")}\n`)
  })

/** Replaces Effect's loggers, and provides the access log, which is written from level info on. */
export const layer = ({ format, level }: LoggingOptions) => {
  const chosen = format ?? (process.stderr.isTTY === true ? "pretty" : "json")
  return Layer.mergeAll(
    Logger.layer([logger(chosen)]),
    Layer.succeed(References.MinimumLogLevel)(levels[level]),
    AccessLog.layer({ format: level === "debug" || level === "info" ? chosen : "off", write })
  )
}
