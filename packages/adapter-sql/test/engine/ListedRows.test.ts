import type { Reservation } from "@bookio-kit/core/reservation/Reservation"
import { ChannelId, ReservationId } from "@bookio-kit/core/scalar/Id"
import { assert, describe, it } from "@effect/vitest"
import { make, type RowKey } from "../../src/engine/ListedRows.ts"

const channel = ChannelId.make(1)
const key = (id: number, version = 1): RowKey => [ReservationId.make(id), version, null, 1]
const rowOf = ([id, version]: RowKey) => ({ id, name: `${id} in version ${version}` }) as Reservation

describe("a memory of listed rows", () => {
  it("MUST keep a row when it is asked for the second time, and give that one out again", () => {
    const memory = make(10)
    const [read] = memory.take(channel, [key(1)], rowOf)
    assert.isUndefined(memory.find(channel, [key(1)]))
    const [kept] = memory.take(channel, [key(1)], rowOf)
    assert.notStrictEqual(kept, read)
    assert.strictEqual(memory.find(channel, [key(1)])?.[0], kept)
    assert.strictEqual(memory.take(channel, [key(1)], rowOf)[0], kept)
  })

  it("MUST NOT give out a row of another version, channel or view", () => {
    const memory = make(10)
    for (const _ of [1, 2]) memory.take(channel, [key(1)], rowOf)
    assert.isUndefined(memory.find(channel, [key(1, 2)]))
    assert.isUndefined(memory.find(ChannelId.make(2), [key(1)]))
    assert.isUndefined(memory.find(channel, [[ReservationId.make(1), 1, null, 0]]))
    assert.strictEqual(memory.take(channel, [key(1, 2)], rowOf)[0]?.name, "1 in version 2")
  })

  it("MUST say that rows are missing after some pages in turn, until a page is known again", () => {
    const memory = make(10)
    for (const _ of [1, 2]) memory.take(channel, [key(1)], rowOf)
    for (const id of [2, 3, 4]) memory.find(channel, [key(id)])
    assert.isFalse(memory.isMissing())
    memory.find(channel, [key(5)])
    assert.isTrue(memory.isMissing())
    memory.take(channel, [key(6)], rowOf)
    assert.isTrue(memory.isMissing())
    memory.take(channel, [key(1)], rowOf)
    assert.isFalse(memory.isMissing())
  })
})
