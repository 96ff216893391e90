import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Scope from "effect/Scope"
import * as TestClock from "effect/testing/TestClock"
import { AccessLog, type AccessLogOptions, layer } from "../src/AccessLog.ts"

const entry = {
  requestId: "request-1",
  operation: "createReservation",
  channelId: 7,
  errorCode: 30,
  method: "POST",
  status: 400,
  startedMs: 1000
}
const bare = { requestId: "request-2", method: "GET", status: 404, startedMs: 1234 }

const open = Effect.fnUntraced(function* (format: AccessLogOptions["format"]) {
  const written: Array<string> = []
  const scope = yield* Scope.make()
  const context = yield* Layer.buildWithScope(layer({ format, write: (lines) => void written.push(lines) }), scope)
  const log = yield* Effect.provide(AccessLog, context)
  return { log, written, close: Scope.close(scope, Exit.void) }
})

describe("the access log", () => {
  it.effect("writes JSON, one line a request, with the time it took", () =>
    Effect.gen(function* () {
      const { log, written } = yield* open("json")
      yield* TestClock.setTime(1234)
      log.write(entry)
      log.write(bare)
      yield* TestClock.adjust("100 millis")
      expect(written).toHaveLength(1)
      const lines = written.join("").split("\n")
      expect(lines.map((line) => (line === "" ? "" : JSON.parse(line)))).toEqual([
        {
          timestamp: "1970-01-01T00:00:01.234Z",
          level: "INFO",
          message: "request",
          requestId: "request-1",
          operation: "createReservation",
          channelId: 7,
          errorCode: 30,
          method: "POST",
          status: 400,
          durationMs: 234
        },
        {
          timestamp: "1970-01-01T00:00:01.234Z",
          level: "INFO",
          message: "request",
          requestId: "request-2",
          method: "GET",
          status: 404,
          durationMs: 0
        },
        ""
      ])
    })
  )

  it.effect("writes for people", () =>
    Effect.gen(function* () {
      const { log, written } = yield* open("pretty")
      yield* TestClock.setTime(1234)
      log.write(entry)
      log.write(bare)
      yield* TestClock.adjust("100 millis")
      expect(written.join("")).toBe(
        "[00:00:01.234] 400 POST createReservation 234 ms errorCode=30 channel=7 request-1\n" +
          "[00:00:01.234] 404 GET - 0 ms request-2\n"
      )
    })
  )

  it.effect("gathers lines, writes nothing where there are none, and the rest at the end", () =>
    Effect.gen(function* () {
      const { close, log, written } = yield* open("json")
      log.write(entry)
      log.write(bare)
      expect(written).toEqual([])
      yield* TestClock.adjust("100 millis")
      expect(written).toHaveLength(1)
      yield* TestClock.adjust("10 seconds")
      expect(written).toHaveLength(1)
      log.write(bare)
      yield* close
      expect(written).toHaveLength(2)
      expect(written[1]).toContain("request-2")
    })
  )

  it.effect("is silent where it is off", () =>
    Effect.gen(function* () {
      const { close, log, written } = yield* open("off")
      log.write(entry)
      yield* TestClock.adjust("1 second")
      yield* close
      expect(written).toEqual([])
    })
  )
})
