/** Where an appointment begins or ends: it is new on one side, was removed, or is over. */
import {
  bookioWins,
  cancelled,
  eleven,
  missed,
  over,
  overCancelled,
  overMissed,
  practiceWins,
  table,
  ten
} from "./ReconcileTable.ts"
import { state } from "./Support.ts"

table("what has ended", {
  "a move by the practice stays there": { base: over, bookio: over, practice: eleven, conflicts: ["term:practice"] },
  "a cancellation by the practice stays there": {
    base: over,
    bookio: over,
    practice: overCancelled,
    conflicts: ["status:practice"]
  },
  "did-not-come flows": { base: over, bookio: over, practice: overMissed, toBookio: { status: "DID_NOT_COME" } },
  "did-not-come flows, but no move with it": {
    base: over,
    bookio: over,
    practice: missed,
    toBookio: { status: "DID_NOT_COME" }
  },
  "it ends at its end, exclusive": {
    policy: { ...bookioWins, nowMs: over.term.endMs },
    base: over,
    bookio: over,
    practice: overCancelled,
    conflicts: ["status:practice"]
  },
  "a millisecond before it has not ended": {
    policy: { ...bookioWins, nowMs: over.term.endMs - 1 },
    base: over,
    bookio: over,
    practice: overCancelled,
    toBookio: { status: "CANCELLED" }
  },
  "Bookio's changes flow": { base: over, bookio: overCancelled, practice: over, toPractice: { status: "CANCELLED" } },
  "Bookio's move flows though the practice's cancellation is held": {
    base: ten,
    bookio: over,
    practice: cancelled,
    toPractice: { term: over.term },
    conflicts: ["status:practice"]
  },
  "both moved, practice-wins: each stays as it is": {
    policy: practiceWins,
    base: ten,
    bookio: over,
    practice: eleven,
    conflicts: ["term:practice"]
  }
})

table("the practice removed the appointment", {
  cancel: { base: ten, bookio: ten, toBookio: { status: "CANCELLED" } },
  "cancel, though Bookio moved it": {
    base: ten,
    bookio: eleven,
    toBookio: { status: "CANCELLED" },
    conflicts: ["term:practice"]
  },
  restore: {
    policy: { ...bookioWins, onDelete: "restore" },
    base: ten,
    bookio: ten,
    toPractice: "create",
    conflicts: ["removed:bookio"]
  },
  ask: {
    policy: { ...bookioWins, onDelete: "ask" },
    base: ten,
    bookio: eleven,
    agreed: ten,
    conflicts: ["removed:open"]
  },
  "of what has ended": { base: over, bookio: over },
  "of what is cancelled": { base: cancelled, bookio: cancelled },
  "and Bookio cancelled it": { base: ten, bookio: cancelled },
  "while it was cancelled, and Bookio confirms it again": { base: cancelled, bookio: ten, toPractice: "create" },
  "when it was over, and Bookio moves it into the future": { base: over, bookio: ten, toPractice: "create" }
})

table("one side is new", {
  "a reservation": { bookio: ten, toPractice: "create" },
  "a cancelled reservation": { bookio: cancelled },
  "a no-show": { bookio: overMissed, toPractice: "create" },
  "a booking of the practice": { practice: ten, toBookio: "create" },
  "a cancelled booking of the practice": { practice: cancelled },
  "a booking of the practice that is over": { practice: over },
  "both, equal": { bookio: ten, practice: ten },
  "both, different": {
    bookio: ten,
    practice: state("11:00-11:30", "CONFIRMED", "Audrey"),
    toPractice: { term: ten.term, text: "J. A." },
    conflicts: ["term:bookio", "text:bookio"]
  },
  "both, one of them cancelled": {
    bookio: ten,
    practice: cancelled,
    toBookio: { status: "CANCELLED" },
    conflicts: ["status:practice"]
  },
  "both, one of them cancelled at another time": {
    bookio: eleven,
    practice: cancelled,
    toBookio: { status: "CANCELLED" },
    conflicts: ["status:practice", "term:practice"]
  },
  neither: {},
  "gone on both sides": { base: ten },
  "a reservation that Bookio lost": { base: ten, practice: eleven, agreed: ten, conflicts: ["removed:open"] }
})
