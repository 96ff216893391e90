/** Times at which nobody can be booked: those of the practice, and those that the staff blocks in its calendar. */
import { busy, cancelled, eleven, mirror, over, scribbled, table, ten } from "./ReconcileTable.ts"
import { state } from "./Support.ts"

table("busy times of the practice", {
  "a new one": { policy: busy, practice: ten, toBookio: "create" },
  "a new one that is over": { policy: busy, practice: over },
  moved: { policy: busy, base: ten, bookio: ten, practice: eleven, toBookio: { term: eleven.term } },
  "its text is not sent again": { policy: busy, base: ten, bookio: ten, practice: scribbled },
  removed: { policy: busy, base: ten, bookio: ten, toBookio: "remove" },
  "shown as free": { policy: busy, base: ten, bookio: ten, practice: cancelled, toBookio: "remove" },
  "over: it stays when the event goes": { policy: busy, base: over, bookio: over },
  "over: it stays as it is when the event moves in the past": {
    policy: busy,
    base: over,
    bookio: over,
    practice: state("06:00-06:30")
  },
  "over: an event that is moved to come takes it along": {
    policy: busy,
    base: over,
    bookio: over,
    practice: ten,
    toBookio: { term: ten.term }
  },
  "moved in Bookio: put back": {
    policy: busy,
    base: ten,
    bookio: eleven,
    practice: ten,
    toBookio: { term: ten.term },
    conflicts: ["put-back:practice"]
  },
  "moved in Bookio as the practice did": { policy: busy, base: ten, bookio: eleven, practice: eleven },
  "moved in Bookio, removed by the practice": {
    policy: busy,
    base: ten,
    bookio: eleven,
    toBookio: "remove",
    conflicts: ["put-back:practice"]
  },
  "removed in Bookio: made again": {
    policy: busy,
    base: ten,
    practice: ten,
    toBookio: "create",
    conflicts: ["put-back:practice"]
  },
  "a hold cancelled in Bookio: made again": {
    policy: busy,
    base: ten,
    bookio: cancelled,
    practice: ten,
    toBookio: "create",
    conflicts: ["put-back:practice"]
  },
  "removed in Bookio when it was over": { policy: busy, base: over, practice: over },
  "gone on both sides": { policy: busy, base: ten },
  "both new, at different times: the practice's stands": {
    policy: busy,
    bookio: eleven,
    practice: ten,
    toBookio: { term: ten.term },
    conflicts: ["put-back:practice"]
  },
  "one in Bookio that was never agreed on is not removed": { policy: busy, bookio: ten, agreed: null }
})

table("blocked times of the staff in the practice calendar", {
  "a new one": { policy: mirror, bookio: ten, toPractice: "create" },
  "moved in Bookio": { policy: mirror, base: ten, bookio: eleven, practice: ten, toPractice: { term: eleven.term } },
  "removed in Bookio": { policy: mirror, base: ten, practice: ten, toPractice: "remove" },
  "edited by the practice, removed in Bookio": {
    policy: mirror,
    base: ten,
    practice: scribbled,
    toPractice: "remove",
    conflicts: ["put-back:bookio"]
  },
  "edited by the practice: put right": {
    policy: { ...mirror, prefer: "practice" },
    base: ten,
    bookio: ten,
    practice: state("11:00-11:30", "CANCELLED", "free"),
    toPractice: ten,
    conflicts: ["put-back:bookio"]
  },
  "moved equally on both sides": { policy: mirror, base: ten, bookio: eleven, practice: eleven },
  "removed by the practice: made again": {
    policy: mirror,
    base: ten,
    bookio: ten,
    toPractice: "create",
    conflicts: ["put-back:bookio"]
  },
  "removed by the practice when it was over": { policy: mirror, base: over, bookio: over },
  "an event that was never agreed on is not removed": { policy: mirror, practice: ten }
})
