import { inspect } from "node:util"
import { describe, expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Tracer from "effect/Tracer"
import { withoutPersonalData } from "../src/Tracing.ts"

/** A tracer that keeps what would be exported. */
const recording = () => {
  const spans: Array<Tracer.NativeSpan> = []
  const tracer = Tracer.make({
    span: (options) => {
      const span = new Tracer.NativeSpan(options)
      spans.push(span)
      return span
    }
  })
  return { spans, tracer: withoutPersonalData(tracer) }
}

const statusOf = (span: Tracer.NativeSpan | undefined) => {
  if (span?.status._tag !== "Ended") throw new Error("the span has not ended")
  return span.status
}

describe("withoutPersonalData", () => {
  it.effect("MUST keep the attributes that are named, and no other, however they come", () =>
    Effect.gen(function* () {
      const { spans, tracer } = recording()
      yield* Effect.annotateCurrentSpan({ "http.route": "/reservations/:reservationId", "url.full": "marker" }).pipe(
        Effect.withSpan("Reservations.list", {
          attributes: { "db.query.text": "marker", "client.address": "marker", "http.response.status_code": 200 }
        }),
        Effect.annotateSpans({ email: "marker" }),
        Effect.withTracer(tracer)
      )
      expect(spans.map(({ attributes, name }) => [name, Object.fromEntries(attributes)])).toEqual([
        ["Reservations.list", { "http.response.status_code": 200, "http.route": "/reservations/:reservationId" }]
      ])
    })
  )

  it.effect("MUST tell an error by its kind and place, and never its message", () =>
    Effect.gen(function* () {
      const { spans, tracer } = recording()
      const failing = Effect.fail(new TypeError("marker in a message"))
      yield* Effect.exit(failing.pipe(Effect.withSpan("fails"), Effect.withTracer(tracer)))
      yield* Effect.exit(Effect.die("marker").pipe(Effect.withSpan("dies"), Effect.withTracer(tracer)))
      const told = spans.map((span) => inspect(statusOf(span).exit, { depth: 10 }))
      expect(told.join("\n")).not.toContain("marker")
      expect(told[0]).toContain("TypeError")
      expect(statusOf(spans[0]).exit._tag).toBe("Failure")
    })
  )

  it.effect("MUST keep that a span was interrupted, its parent and its success, and drop its events", () =>
    Effect.gen(function* () {
      const { spans, tracer } = recording()
      yield* Effect.exit(
        Effect.interrupt.pipe(Effect.withSpan("child"), Effect.withSpan("parent"), Effect.withTracer(tracer))
      )
      yield* Effect.flatMap(Effect.currentSpan, (span) => Effect.sync(() => span.event("marker", 0n))).pipe(
        Effect.orDie,
        Effect.withSpan("fine"),
        Effect.withTracer(tracer)
      )
      const [parent, child, fine] = spans
      expect(child?.parent).toMatchObject({ value: { spanId: parent?.spanId } })
      expect(statusOf(child).exit).toMatchObject({ cause: { reasons: [{ _tag: "Interrupt" }] } })
      expect(statusOf(fine).exit._tag).toBe("Success")
      expect(fine?.events).toEqual([])
    })
  )
})
