import { Caller } from "@bookio-kit/core/access/Caller"
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import { FacilityId } from "@bookio-kit/core/scalar/Id"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer } from "effect"
import * as Subject from "../src/Subject.ts"
import { caller, channel, ports } from "./Support.ts"

describe("Subject", () => {
  it.effect("has the callers that it is given, and none else", () =>
    Effect.gen(function* () {
      const { first, second, stranger } = yield* Subject.Subject
      assert.strictEqual(yield* Effect.provide(channel, first), 1)
      assert.strictEqual((yield* Effect.provide(Caller, stranger ?? first)).access, "book")
      assert.isUndefined(second)
    }).pipe(Effect.provide(Subject.layerCallers(ports(), { first: caller, stranger: { ...caller, access: "book" } })))
  )

  it.effect("builds the ports that callers share once", () => {
    let built = 0
    const counted = Layer.effectDiscard(Effect.sync(() => built++)).pipe(Layer.provideMerge(ports()))
    return Effect.map(
      Effect.provide(Subject.Subject, Subject.layerCallers(counted, { first: caller, second: caller })),
      () => assert.strictEqual(built, 1)
    )
  })

  it.effect("never gives a caller the ports of another, though they are made of one layer", () => {
    let built = 0
    const counted = Layer.effectDiscard(Effect.sync(() => built++)).pipe(Layer.provideMerge(ports()))
    const party = Layer.merge(counted, Subject.caller(caller))
    // The third is that of the composition around it.
    const subject = Subject.layer({ first: party, second: party }).pipe(Layer.provideMerge(counted))
    return Effect.map(Effect.provide(Subject.Subject, subject), () => assert.strictEqual(built, 3))
  })

  it.effect("says that the facility is not one of the first caller's", () =>
    Effect.gen(function* () {
      const subject = Subject.layerCallers(ports(), { first: caller, facilityId: FacilityId.make(7) })
      const error = yield* Effect.flip(Effect.provide(Subject.Subject, subject))
      assert.strictEqual(error.message, "the first caller does not reach facility 7")
    })
  )

  it.effect("reaches no facility where none is listed", () =>
    Effect.gen(function* () {
      const { facility, first } = yield* Subject.Subject
      assert.deepStrictEqual(
        yield* Effect.provide(
          Effect.flatMap(Facilities, ({ list }) => list),
          first
        ),
        []
      )
      assert.isUndefined(facility)
    }).pipe(Effect.provide(Subject.layerCallers(ports(), { first: caller })))
  )
})
