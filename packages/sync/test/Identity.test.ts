import { assert, describe, it } from "@effect/vitest"
import { Effect, Random, Redacted } from "effect"
import { drawExternalId, isOurMark, markOf, type Named, uidOf, writesOf } from "../src/Identity.ts"

const secret = Redacted.make(new Uint8Array(32).fill(1))
const uid = "0a1b2c3d-0000-5000-8000-000000000000"
const of = { kind: "reservation", facilityId: 7, id: 12 } as const

const named: Named = {
  identity: "database",
  channel: "practice",
  facilityId: 7,
  kind: "reservation",
  id: 12,
  created: "2026-11-22T10:00:00",
  calendar: "",
  generation: 0
}

describe("uidOf", () => {
  it("MUST be a UUID of version 5 and the RFC's variant, and always the same for the same thing", () => {
    assert.match(uidOf(named), /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
    assert.strictEqual(uidOf({ ...named }), uidOf(named))
  })

  it("MUST differ in whatever its thing differs in", () => {
    const others: ReadonlyArray<Partial<Named>> = [
      { identity: "another" },
      { channel: "web" },
      { facilityId: 8 },
      { kind: "blockedTime" },
      { id: 13 },
      { created: "2026-11-22T10:00:01" },
      { calendar: "a" },
      { generation: 1 }
    ]
    assert.strictEqual(new Set([named, ...others.map((other) => ({ ...named, ...other }))].map(uidOf)).size, 9)
  })

  it("MUST tell members apart whose texts run into each other", () => {
    assert.notStrictEqual(
      uidOf({ ...named, identity: "ab", channel: "c" }),
      uidOf({ ...named, identity: "a", channel: "bc" })
    )
  })
})

describe("a mark", () => {
  const mark = markOf(secret, uid, of, 3)

  it("MUST be ours under its own UID", () => {
    assert.isTrue(isOurMark(secret, uid, mark))
    assert.strictEqual(writesOf(secret, uid, mark), 3)
  })

  it("MUST not be ours under another UID, for another record, by another key, or without a signature", () => {
    assert.isFalse(isOurMark(secret, `${uid}x`, mark))
    assert.isFalse(isOurMark(secret, uid, { ...mark, id: 13 }))
    assert.isFalse(isOurMark(secret, uid, { ...mark, facilityId: 8 }))
    assert.isFalse(isOurMark(secret, uid, { ...mark, kind: "blockedTime" }))
    assert.isFalse(isOurMark(Redacted.make(new Uint8Array(32).fill(2)), uid, mark))
    assert.isFalse(isOurMark(secret, uid, { ...mark, signature: "" }))
    assert.isFalse(isOurMark(secret, uid, { ...mark, signature: mark.signature.replace(/^3/, "4") }))
    assert.isFalse(isOurMark(secret, uid, { ...mark, signature: `${mark.signature}AA` }))
  })
})

describe("drawExternalId", () => {
  const at = (share: number) =>
    Effect.provideService(drawExternalId, Random.Random, { nextDoubleUnsafe: () => share, nextIntUnsafe: () => 0 })

  it.effect("MUST lie from 2^40 to 2^53-1, both inclusive", () =>
    Effect.gen(function* () {
      assert.strictEqual(yield* at(0), 2 ** 40)
      assert.strictEqual(yield* at(1 - 2 ** -53), 2 ** 53 - 1)
    })
  )
})
