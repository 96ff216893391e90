/** The engine on SQLite keeps every law of the API. Its clock is a test's, so that nothing waits. */
import * as Subject from "@bookio-kit/conformance/Subject"
import { conformance } from "@bookio-kit/conformance/vitest"
import { ChannelId } from "@bookio-kit/core/scalar/Id"
import { Effect, Layer } from "effect"
import { TestClock } from "effect/testing"
import { block, book, engine, externalId, first, person, seed, sharedFacility, world } from "./Support.ts"

/** A third channel, which reaches the other facility only. */
const channels = [...seed().channels, { name: "third", facilities: ["foreign"], tokens: [] }]

// A few records, for the laws that only read.
const furnish = Effect.gen(function* () {
  yield* world({ ...seed(), channels })
  for (const n of [1, 2, 3, 4, 5]) {
    yield* book({ dateFrom: `2026-06-0${n}T09:00`, externalId: externalId(n), ...person(n) })
    yield* block({ dateFrom: `2026-06-0${n}T12:00`, dateTo: `2026-06-0${n}T13:00`, externalId: externalId(n) })
  }
}).pipe(first)

const backend = Layer.effectDiscard(furnish).pipe(Layer.provideMerge(engine()))

const caller = (channel: number, access: "book" | "write" = "write") => ({ channelId: ChannelId.make(channel), access })

conformance(
  "the engine on SQLite",
  Subject.layerCallers(backend, {
    first: caller(1),
    second: caller(2),
    stranger: caller(3),
    booker: caller(2, "book"),
    facilityId: sharedFacility,
    pass: (ms) => TestClock.adjust(ms)
  }).pipe(Layer.provideMerge(TestClock.layer()))
)
