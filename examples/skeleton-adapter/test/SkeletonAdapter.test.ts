/** The skeleton keeps the laws of a backend that only reads. An adapter that writes leaves the last argument out. */
import { readerLaws, readLaws } from "@bookio-kit/conformance/Laws"
import * as Subject from "@bookio-kit/conformance/Subject"
import { conformance } from "@bookio-kit/conformance/vitest"
import { ChannelId } from "@bookio-kit/core/scalar/Id"
import { Effect, Layer } from "effect"
import * as SkeletonAdapter from "../src/SkeletonAdapter.ts"

const appointments = [1, 2, 3, 4, 5].map((id) => ({
  id,
  patient: `Patient ${id}`,
  email: `patient${id}@example.com`,
  fromMs: Date.parse(`2026-06-0${id}T08:00:00Z`),
  minutes: 30,
  ...(id === 2 ? { cancelledMs: Date.parse("2026-05-03T10:00:00Z") } : {}),
  changedMs: Date.parse("2026-05-01T10:00:00Z") + (id % 3) * 1000
}))

const absences = [1, 2, 3].map((id) => ({
  id,
  fromMs: Date.parse(`2026-07-0${id}T10:00:00Z`),
  toMs: Date.parse(`2026-07-0${id}T12:00:00Z`),
  changedMs: Date.parse("2026-05-02T10:00:00Z") + (id % 2) * 1000
}))

const vendor = Layer.succeed(SkeletonAdapter.Vendor)({
  appointments: Effect.succeed(appointments),
  absences: Effect.succeed(absences)
})

const caller = { channelId: ChannelId.make(1), access: "read" } as const

conformance(
  "the skeleton",
  Subject.layerCallers(Layer.provide(SkeletonAdapter.layer, vendor), { first: caller, reader: caller }),
  [...readLaws, ...readerLaws]
)
