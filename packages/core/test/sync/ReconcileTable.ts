/** The merge as tables: what was agreed, what each side shows now, and what follows. */
import { assert, describe, it } from "@effect/vitest"
import { type Policy, reconcile } from "../../src/sync/Reconcile.ts"
import type { SyncState } from "../../src/sync/SyncState.ts"
import { carriedOut, state, utc } from "./Support.ts"

export const nowMs = utc("2026-11-22T08:00")
export const bookioWins: Policy = { prefer: "bookio", onDelete: "cancel", nowMs }
export const practiceWins: Policy = { ...bookioWins, prefer: "practice" }
export const busy: Policy = { ...bookioWins, master: "practice" }
export const mirror: Policy = { ...bookioWins, master: "bookio" }

type Change = Partial<SyncState> | "create" | "remove"

interface Row {
  readonly policy?: Policy
  readonly base?: SyncState
  readonly bookio?: SyncState
  readonly practice?: SyncState
  readonly toBookio?: Change
  readonly toPractice?: Change
  /** `field:winner`. */
  readonly conflicts?: ReadonlyArray<string>
  /** Bookio's state after it, unless given; `null` for none. */
  readonly agreed?: SyncState | null
}

/** States by their term; those from seven are over. */
export const ten = state("10:00-10:30")
export const eleven = state("11:00-11:30")
export const noon = state("12:00-12:30")
export const cancelled = state("10:00-10:30", "CANCELLED")
export const missed = state("10:00-10:30", "DID_NOT_COME")
export const over = state("07:00-07:30")
export const overCancelled = state("07:00-07:30", "CANCELLED")
export const overMissed = state("07:00-07:30", "DID_NOT_COME")
export const named = state("10:00-10:30", "CONFIRMED", "John Audrey")
export const scribbled = state("10:00-10:30", "CONFIRMED", "J. A., bring x-ray")

/** Asserts what follows in a row, and nothing else. */
export const check = (row: Row): void => {
  const policy = row.policy ?? bookioWins
  const found = reconcile(row.base, row.bookio, row.practice, policy)
  const written = (change: Change | undefined, from: SyncState | undefined) => {
    if (change === undefined) return undefined
    if (change === "create") return { _tag: "Create", state: from }
    return change === "remove" ? { _tag: "Remove" } : { _tag: "Update", ...change }
  }
  assert.deepStrictEqual<unknown>(found.toBookio, written(row.toBookio, row.practice))
  assert.deepStrictEqual<unknown>(found.toPractice, written(row.toPractice, row.bookio))
  assert.deepStrictEqual(
    found.conflicts.map(({ field, winner }) => `${field}:${winner ?? "open"}`),
    row.conflicts ?? []
  )
  const agreed = row.agreed === undefined ? carriedOut(row.bookio, row.practice, found).bookio : row.agreed
  assert.deepStrictEqual(found.agreed, agreed ?? undefined)
}

/** A test for each row. */
export const table = (title: string, rows: Readonly<Record<string, Row>>): void => {
  describe(title, () => {
    for (const [name, row] of Object.entries(rows)) it(name, () => check(row))
  })
}
