/** What holds of the merge whatever the states: over few values, so that the sides agree and differ often. */
import { assert, describe, it } from "@effect/vitest"
import * as fc from "fast-check"
import { type Decision, isSameConflict, type Policy, reconcile } from "../../src/sync/Reconcile.ts"
import type { Side, SyncState } from "../../src/sync/SyncState.ts"
import { bratislava, carriedOut, term, utc } from "./Support.ts"

type Maybe = SyncState | undefined

const past = [term("05:00-05:30"), term("06:00-06:30")]
const future = [term("10:00-10:30"), term("10:00-11:00"), term("10:30-11:00")]

const states = (terms: ReadonlyArray<SyncState["term"]>): fc.Arbitrary<SyncState> =>
  fc.record({
    term: fc.constantFrom(...terms),
    status: fc.constantFrom("CONFIRMED", "CANCELLED", "DID_NOT_COME"),
    text: fc.constantFrom("J. A.", "John Audrey", "")
  })

const maybe = (terms: ReadonlyArray<SyncState["term"]>): fc.Arbitrary<Maybe> =>
  fc.option(states(terms), { nil: undefined, freq: 4 })

const policies = fc.record({
  prefer: fc.constantFrom<Side>("bookio", "practice"),
  onDelete: fc.constantFrom("cancel", "restore", "ask"),
  nowMs: fc.constant(utc("2026-11-22T08:00"))
})

const masters = fc.constantFrom<{ readonly master?: Side }>({}, { master: "practice" }, { master: "bookio" })
const anyPolicy: fc.Arbitrary<Policy> = fc
  .tuple(policies, masters)
  .map(([policy, master]) => ({ ...policy, ...master }))
const anyTerms = [...past, ...future]

const holds = <A extends ReadonlyArray<unknown>>(
  arbitraries: { readonly [K in keyof A]: fc.Arbitrary<A[K]> },
  predicate: (...values: A) => void
): void => {
  const check = (values: A) => predicate(...values)
  fc.assert(fc.property(fc.tuple<Array<unknown>>(...arbitraries) as fc.Arbitrary<unknown> as fc.Arbitrary<A>, check), {
    numRuns: 5_000
  })
}

const situation = [maybe(anyTerms), maybe(anyTerms), maybe(anyTerms), anyPolicy] as const
const present = [maybe(anyTerms), states(anyTerms), states(anyTerms), policies] as const

const noWrites = (decision: Decision) =>
  assert.deepStrictEqual([decision.toBookio, decision.toPractice], [undefined, undefined])
const hasEnded = (state: SyncState, policy: Policy) => state.term.endMs <= policy.nowMs

describe("reconcile, whatever the states", () => {
  const settles = (base: Maybe, bookio: Maybe, practice: Maybe, policy: Policy) => {
    const first = reconcile(base, bookio, practice, policy)
    const shown = carriedOut(bookio, practice, first)
    const second = reconcile(first.agreed, shown.bookio, shown.practice, policy)
    noWrites(second)
    for (const conflict of second.conflicts) {
      assert.isTrue(
        first.conflicts.some((known) => isSameConflict(known, conflict)),
        `new: ${JSON.stringify(conflict)}`
      )
    }
    assert.deepStrictEqual(second.agreed, first.agreed)
  }

  it("settles: carried out and asked again, it writes nothing and has no new conflict", () =>
    holds<[Maybe, Maybe, Maybe, Policy]>([...situation], settles))

  it("settles in the repeated hour, with one text for two instants", () => {
    const passes = ["00:15-00:45", "01:15-01:45", "00:15-01:45", "00:30-00:45"].map((times) =>
      term(times, "2026-10-25")
    )
    const policy = anyPolicy.map((one): Policy => ({ ...one, textZone: bratislava, nowMs: utc("2026-10-25T01:00") }))
    holds<[Maybe, Maybe, Maybe, Policy]>([maybe(passes), maybe(passes), maybe(passes), policy], settles)
  })

  it("writes only to what is there, and creates only what is not", () =>
    holds<[Maybe, Maybe, Maybe, Policy]>([...situation], (base, bookio, practice, policy) => {
      const { toBookio, toPractice } = reconcile(base, bookio, practice, policy)
      const isThere = policy.master === "practice" ? bookio?.status === "CONFIRMED" : bookio !== undefined
      if (toBookio !== undefined) assert.strictEqual(toBookio._tag === "Create", !isThere)
      if (toPractice !== undefined) assert.strictEqual(toPractice._tag === "Create", practice === undefined)
    }))

  it("writes no field that the side shows already, and no text to what is in Bookio", () =>
    holds<[Maybe, Maybe, Maybe, Policy]>([...situation], (base, bookio, practice, policy) => {
      const { toBookio, toPractice } = reconcile(base, bookio, practice, policy)
      const isNews = (change: Decision["toBookio"], shown: Maybe) => {
        if (change?._tag !== "Update") return
        assert.notDeepEqual(change.term, shown?.term)
        assert.notStrictEqual(change.status, shown?.status)
        assert.notStrictEqual(change.text, shown?.text)
      }
      isNews(toBookio, bookio)
      isNews(toPractice, practice)
      if (toBookio?._tag === "Update") assert.isUndefined(toBookio.text)
    }))

  it("an echo is no change", () =>
    holds<[Maybe, SyncState, Policy]>([maybe(anyTerms), states(anyTerms), anyPolicy], (base, shown, policy) => {
      // A busy time that does not block and a hold that is cancelled have nothing to agree on.
      if (policy.master === "practice" && shown.status !== "CONFIRMED") return
      const decision = reconcile(base, shown, shown, policy)
      assert.deepStrictEqual(decision, { agreed: shown, toBookio: undefined, toPractice: undefined, conflicts: [] })
    }))
})

describe("reconcile of a reservation", () => {
  it("loses no value: what a side changed is on both sides or in a conflict", () =>
    holds<[SyncState, SyncState, SyncState, Policy]>(
      [states(anyTerms), states(anyTerms), states(anyTerms), policies],
      (base, bookio, practice, policy) => {
        const decision = reconcile(base, bookio, practice, policy)
        const shown = carriedOut(bookio, practice, decision)
        const before = { bookio, practice }
        for (const field of ["term", "status", "text"] as const) {
          for (const side of ["bookio", "practice"] as const) {
            const value = JSON.stringify(before[side][field])
            if (value === JSON.stringify(base[field])) continue
            const isOnBoth = [shown.bookio, shown.practice].every((s) => JSON.stringify(s?.[field]) === value)
            const isTold = decision.conflicts.some((conflict) => JSON.stringify(conflict[side]?.[field]) === value)
            // What takes place no more keeps its own term, and what was off before has none that counts.
            const isMoot =
              field === "term" &&
              before[side].status !== "CONFIRMED" &&
              (base.status !== "CONFIRMED" || shown[side]?.term === before[side].term)
            assert.isTrue(isOnBoth || isTold || isMoot, `${side} ${field}`)
          }
        }
      }
    ))

  it("is symmetric in term and status while nothing has ended", () => {
    const other = { bookio: "practice", practice: "bookio" } as const
    holds<[Maybe, SyncState, SyncState, Policy]>(
      [maybe(future), states(future), states(future), policies],
      (base, a, b, policy) => {
        const one = reconcile(base, a, b, policy)
        const two = reconcile(base, b, a, { ...policy, prefer: other[policy.prefer] })
        const seen = (decision: Decision, bookio: SyncState, practice: SyncState, isSwapped: boolean) => {
          const after = carriedOut(bookio, practice, decision)
          const [x, y] = isSwapped ? [after.practice, after.bookio] : [after.bookio, after.practice]
          const takesPlace = x?.status === "CONFIRMED"
          return {
            statuses: [x?.status, y?.status],
            terms: takesPlace ? [x.term, y?.term] : [],
            conflicts: decision.conflicts
              .filter(({ field }) => field !== "text")
              .map(({ field, winner }) => [field, isSwapped && winner !== undefined ? other[winner] : winner])
          }
        }
        assert.deepStrictEqual(seen(one, a, b, false), seen(two, b, a, true))
      }
    )
  })

  it("agrees on status, and on the term of what takes place, while nothing has ended", () =>
    holds<[Maybe, SyncState, SyncState, Policy]>(
      [maybe(future), states(future), states(future), policies],
      (base, bookio, practice, policy) => {
        const shown = carriedOut(bookio, practice, reconcile(base, bookio, practice, policy))
        assert.strictEqual(shown.bookio?.status, shown.practice?.status)
        if (shown.bookio?.status === "CONFIRMED") assert.deepStrictEqual(shown.bookio.term, shown.practice?.term)
      }
    ))

  it("cancel beats move, by either side and policy", () =>
    holds<[SyncState, SyncState, SyncState, Policy]>(
      [states(future), states(future), states(future), policies],
      (agreed, moved, gone, policy) => {
        const base = { ...agreed, status: "CONFIRMED" } as const
        const move = { ...moved, status: "CONFIRMED" } as const
        const cancel = { ...gone, status: "CANCELLED" } as const
        for (const [bookio, practice] of [
          [move, cancel],
          [cancel, move]
        ] as const) {
          const decision = reconcile(base, bookio, practice, policy)
          const shown = carriedOut(bookio, practice, decision)
          assert.deepStrictEqual([shown.bookio?.status, shown.practice?.status], ["CANCELLED", "CANCELLED"])
          const hasLost = move.term !== base.term && move.term !== cancel.term
          assert.strictEqual(
            decision.conflicts.some(({ field }) => field === "term"),
            hasLost
          )
        }
      }
    ))

  it("moves in Bookio only what is confirmed, and there after it", () =>
    holds<[Maybe, SyncState, SyncState, Policy]>([...present], (base, bookio, practice, policy) => {
      const { toBookio } = reconcile(base, bookio, practice, policy)
      if (toBookio?._tag === "Update" && toBookio.term !== undefined) {
        assert.strictEqual(toBookio.status ?? bookio.status, "CONFIRMED")
      }
    }))

  it("sends nothing to Bookio for what has ended but did-not-come", () =>
    holds<[Maybe, SyncState, Maybe, Policy]>(
      [maybe(anyTerms), states(past), maybe(anyTerms), policies],
      (base, bookio, practice, policy) => {
        const { toBookio } = reconcile(base, bookio, practice, policy)
        if (toBookio !== undefined) assert.deepStrictEqual(toBookio, { _tag: "Update", status: "DID_NOT_COME" })
      }
    ))

  it("cancels for a removal only what was agreed on, takes place and has not ended, and only by `cancel`", () =>
    holds<[Maybe, SyncState, Policy]>([maybe(anyTerms), states(anyTerms), policies], (base, bookio, policy) => {
      const { toBookio } = reconcile(base, bookio, undefined, policy)
      const takesPlace = bookio.status === "CONFIRMED" && !hasEnded(bookio, policy)
      const wasAgreed = base?.status === "CONFIRMED" && !hasEnded(base, policy)
      assert.strictEqual(toBookio !== undefined, takesPlace && wasAgreed && policy.onDelete === "cancel")
    }))
})

describe("reconcile of busy times and holds", () => {
  const masteredBy = (master: Side) => policies.map((policy): Policy => ({ ...policy, master }))

  it("never writes to the practice, and leaves Bookio as the practice wants it", () =>
    holds<[Maybe, Maybe, Maybe, Policy]>(
      [maybe(future), maybe(future), maybe(future), masteredBy("practice")],
      (base, bookio, practice, policy) => {
        const decision = reconcile(base, bookio, practice, policy)
        assert.isUndefined(decision.toPractice)
        const shown = carriedOut(bookio, practice, decision).bookio
        if (practice?.status === "CONFIRMED") {
          assert.deepStrictEqual([shown?.status, shown?.term], ["CONFIRMED", practice.term])
        } else if (base !== undefined || practice !== undefined) {
          assert.notStrictEqual(shown?.status, "CONFIRMED")
        }
      }
    ))

  it("removes nothing that has ended, and changes it only for a term that has not", () =>
    holds<[Maybe, SyncState, Maybe, Policy]>(
      [maybe(anyTerms), states(past), maybe(anyTerms), masteredBy("practice")],
      (base, shown, practice, policy) => {
        const { toBookio } = reconcile(base, { ...shown, status: "CONFIRMED" }, practice, policy)
        if (toBookio === undefined) return
        assert.strictEqual(toBookio._tag, "Update")
        assert.isTrue(practice?.status === "CONFIRMED" && !hasEnded(practice, policy))
      }
    ))

  it("of a mirror: never writes to Bookio, and leaves the practice as Bookio has it", () =>
    holds<[Maybe, SyncState, Maybe, Policy]>(
      [maybe(anyTerms), states(future), maybe(anyTerms), masteredBy("bookio")],
      (base, bookio, practice, policy) => {
        const decision = reconcile(base, bookio, practice, policy)
        assert.isUndefined(decision.toBookio)
        assert.deepStrictEqual(carriedOut(bookio, practice, decision).practice, bookio)
        const isEdited = base !== undefined && JSON.stringify(practice) !== JSON.stringify(base)
        if (isEdited && JSON.stringify(practice) !== JSON.stringify(bookio)) {
          assert.deepStrictEqual(
            decision.conflicts.map(({ field }) => field),
            ["put-back"]
          )
        }
      }
    ))
})
