/**
 * The access log: one line a request, with the operation's name in place of its path, for a path or query may hold an
 * e-mail or an id. Lines are gathered and written together, so that logging costs a request little.
 */
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** What is logged of a request. */
export interface AccessEntry {
  readonly requestId: string
  readonly method: string
  readonly status: number
  readonly startedMs: number
  readonly operation?: string
  readonly channelId?: number
  readonly errorCode?: number
}

export interface AccessLogOptions {
  /** `json` for machines, `pretty` for people, `off` for no access log. */
  readonly format: "json" | "pretty" | "off"
  /** Takes finished lines, each with its line end. */
  readonly write: (lines: string) => void
}

export class AccessLog extends Context.Service<AccessLog, { readonly write: (entry: AccessEntry) => void }>()(
  "@bookio-kit/server/AccessLog"
) {}

const flushEveryMs = 100

// Many lines are of one millisecond.
let lastMs = Number.NaN
let lastIso = ""
const isoOf = (ms: number): string => {
  if (ms !== lastMs) {
    lastIso = new Date(ms).toISOString()
    lastMs = ms
  }
  return lastIso
}

const formats = {
  // By hand, for it is made at each request: a JSON.stringify of the whole costs four times as much.
  json: ({ channelId, errorCode, method, operation, requestId, startedMs, status }: AccessEntry, nowMs: number) =>
    `{"timestamp":"${isoOf(nowMs)}","level":"INFO","message":"request",` +
    `"requestId":${JSON.stringify(requestId)}${operation === undefined ? "" : `,"operation":${JSON.stringify(operation)}`}` +
    `${channelId === undefined ? "" : `,"channelId":${channelId}`}${errorCode === undefined ? "" : `,"errorCode":${errorCode}`}` +
    `,"method":${JSON.stringify(method)},"status":${status},"durationMs":${nowMs - startedMs}}`,
  pretty: ({ channelId, errorCode, method, operation, requestId, startedMs, status }: AccessEntry, nowMs: number) =>
    `[${isoOf(nowMs).slice(11, 23)}] ${status} ${method} ${operation ?? "-"} ${nowMs - startedMs} ms` +
    `${errorCode === undefined ? "" : ` errorCode=${errorCode}`}${channelId === undefined ? "" : ` channel=${channelId}`}` +
    ` ${requestId}`
}

export const layer = (options: AccessLogOptions): Layer.Layer<AccessLog> =>
  Layer.effect(AccessLog)(
    Effect.gen(function* () {
      if (options.format === "off") return AccessLog.of({ write: () => {} })
      const clock = yield* Clock.Clock
      const format = formats[options.format]
      let lines = ""
      const flush = Effect.sync(() => {
        if (lines === "") return
        const written = lines
        lines = ""
        options.write(written)
      })
      yield* Effect.forkScoped(Effect.forever(Effect.andThen(Effect.sleep(flushEveryMs), flush)))
      // Added last, so run first: what is gathered is written before the writer goes away.
      yield* Effect.addFinalizer(() => flush)
      return AccessLog.of({
        write: (entry) => {
          lines += `${format(entry, clock.currentTimeMillisUnsafe())}\n`
        }
      })
    })
  )
