import { assert, describe, it, vi } from "@effect/vitest"
import { Cause, Effect } from "effect"
import * as Logging from "../src/Logging.ts"

/** What a program writes to standard error under these options. */
const written = (options: Logging.LoggingOptions, program: Effect.Effect<void>) =>
  Effect.gen(function* () {
    let text = ""
    const spy = vi.spyOn(process.stderr, "write").mockImplementation((part) => {
      text += String(part)
      return true
    })
    yield* program.pipe(Effect.provide(Logging.layer(options)), Effect.ensuring(Effect.sync(() => spy.mockRestore())))
    return text
  })

const failing = Effect.logError("it broke", Cause.fail(new Error("of Quokka Malá, quokka@example.com"))).pipe(
  Effect.annotateLogs({ requestId: "abc" })
)

describe("the logger", () => {
  it.effect("writes one JSON object a line, of a cause only kind and place", () =>
    Effect.gen(function* () {
      const text = yield* written({ level: "info", format: "json" }, Effect.andThen(failing, Effect.logInfo("and on")))
      const [first, second, ...none] = text.split("\n").map((line) => (line === "" ? "" : JSON.parse(line)))
      assert.deepStrictEqual(none, [""])
      assert.deepInclude(first, { level: "ERROR", requestId: "abc" })
      assert.match(first.message, /^it broke/)
      assert.deepInclude(second, { level: "INFO", message: "and on" })
      assert.notInclude(text, "Quokka")
      assert.notInclude(text, "example.com")
    })
  )

  it.effect("writes for people in the format pretty", () =>
    Effect.gen(function* () {
      const text = yield* written({ level: "info", format: "pretty" }, failing)
      assert.match(text, /^\[\d\d:\d\d:\d\d\.\d{3}\] ERROR it broke.* requestId=abc.*\n$/)
      assert.notInclude(text, "Quokka")
    })
  )

  it.effect("leaves out what is below the level, and all at off", () =>
    Effect.gen(function* () {
      const all = Effect.all(
        [Effect.logDebug("1"), Effect.logInfo("2"), Effect.logWarning("3"), Effect.logError("4")],
        {
          discard: true
        }
      )
      const lines = Effect.fnUntraced(function* (level: Logging.LoggingOptions["level"]) {
        const text = yield* written({ level, format: "json" }, all)
        return text.trim() === "" ? 0 : text.trim().split("\n").length
      })
      assert.deepStrictEqual(
        [yield* lines("debug"), yield* lines("info"), yield* lines("warn"), yield* lines("error"), yield* lines("off")],
        [4, 3, 2, 1, 0]
      )
    })
  )
})
