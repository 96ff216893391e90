import { NoCapacityLeft, ValidationError } from "@bookio-kit/core/error/Refusal"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Exit, Fiber, Layer } from "effect"
import { TestClock } from "effect/testing"
import { type Law, LawFailure, type LawParts, NotRun, readLaw, writeLaw } from "../src/Law.ts"
import type { Outcome } from "../src/Report.ts"
import { run } from "../src/Run.ts"
import { subject } from "./Support.ts"

const lawOf = (body: LawParts["body"], requires = {}): Law =>
  readLaw("listFacilities", "MUST be made up", { body, requires })

const outcomeOf = (body: LawParts["body"]) =>
  Effect.map(run([lawOf(body)]), ({ laws }) => laws[0]?.outcome).pipe(Effect.provide(subject()))

const outcomes: ReadonlyArray<readonly [string, LawParts["body"], Outcome]> = [
  ["a success holds", Effect.void, { _tag: "Holds" }],
  ["a failure says why", new LawFailure({ problem: "it is so" }), { _tag: "Fails", problem: "it is so" }],
  ["what could not be tried says why", new NotRun({ reason: "none" }), { _tag: "NotRun", reason: "none" }],
  [
    "a refusal that was not asked for is a failure with its code",
    new NoCapacityLeft({ reason: "full" }),
    { _tag: "Fails", problem: "an operation that must succeed was answered with 30 NoCapacityLeft (full)" }
  ],
  [
    "a code 10 tells its fields",
    new ValidationError({ problems: [{ key: "closed", field: "dateFrom" }] }),
    {
      _tag: "Fails",
      problem: "an operation that must succeed was answered with 10 ValidationError (dateFrom: closed)"
    }
  ],
  [
    "a defect is a failure, and its message is not told, for it may hold what a person entered",
    Effect.die(new TypeError("john@example.com")),
    { _tag: "Fails", problem: "defect: TypeError" }
  ],
  [
    "what is left behind breaks a law that holds",
    Effect.asVoid(Effect.acquireRelease(Effect.void, () => Effect.die(new LawFailure({ problem: "left behind" })))),
    { _tag: "Fails", problem: "left behind" }
  ]
]

describe("run", () => {
  for (const [what, body, expected] of outcomes) {
    it.effect(what, () =>
      Effect.gen(function* () {
        assert.deepStrictEqual(yield* outcomeOf(body), expected)
      })
    )
  }

  it.effect("leaves out laws that are about other backends than the declared one", () =>
    Effect.gen(function* () {
      const laws = [
        lawOf(Effect.void, { slots: true }),
        writeLaw("listSlots", "MUST be the opposite", { requires: { slots: false }, code: 404, body: Effect.void })
      ]
      const names = (declared: { readonly slots: boolean }) =>
        Effect.map(Effect.provide(run(laws), subject(declared)), (report) => report.laws.map(({ name }) => name))
      assert.deepStrictEqual(yield* names({ slots: true }), ["MUST be made up"])
      assert.deepStrictEqual(yield* names({ slots: false }), ["MUST be the opposite"])
    })
  )

  it.effect("ends what a law made before the next one begins, and tells of each as it ends", () =>
    Effect.gen(function* () {
      const events: Array<string> = []
      const note = (text: string) => Effect.sync(() => void events.push(text))
      const law = (n: number): Law =>
        writeLaw("createReservation", `MUST ${n}`, {
          body: Effect.asVoid(Effect.acquireRelease(note(`make ${n}`), () => note(`end ${n}`)))
        })
      yield* run([law(1), law(2)], { onLaw: ({ name }) => note(name) }).pipe(Effect.provide(subject()))
      assert.deepStrictEqual(events, ["make 1", "end 1", "MUST 1", "make 2", "end 2", "MUST 2"])
    })
  )

  it.effect("measures how long a law took", () =>
    Effect.gen(function* () {
      const report = yield* run([lawOf(TestClock.adjust(1500))])
      assert.strictEqual(report.laws[0]?.durationMs, 1500)
    }).pipe(Effect.provide(Layer.provideMerge(subject(), TestClock.layer())))
  )

  it.effect("an interruption ends the run, and what the law made", () =>
    Effect.gen(function* () {
      const events: Array<string> = []
      const law = lawOf(
        Effect.andThen(
          Effect.acquireRelease(Effect.void, () => Effect.sync(() => void events.push("ended"))),
          Effect.never
        )
      )
      const fiber = yield* Effect.forkChild(Effect.provide(run([law, law]), subject()), { startImmediately: true })
      yield* Fiber.interrupt(fiber)
      assert.isTrue(Exit.hasInterrupts(yield* Fiber.await(fiber)))
      assert.deepStrictEqual(events, ["ended"])
    })
  )
})
