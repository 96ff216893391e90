import { expect, it } from "vitest"
import { type Block, gridLines } from "../../../src/commands/agenda/Grid.ts"

const minute = 60_000
const at = (time: string) => {
  const [hours = 0, minutes = 0] = time.split(":").map(Number)
  return (hours * 60 + minutes) * minute
}
const clock = (epochMs: number) =>
  `${String(Math.floor(epochMs / 3_600_000)).padStart(2, "0")}:${String((epochMs / minute) % 60).padStart(2, "0")}`
const block = (from: string, to: string, text: string, more: Partial<Block> = {}): Block => ({
  fromMs: at(from),
  toMs: at(to),
  text,
  time: from,
  kind: "reservation",
  isClash: false,
  ...more
})
const draw = (blocks: ReadonlyArray<Block>, width = 60) =>
  gridLines([{ title: "Room", dayMs: 0, blocks, open: [{ fromMs: at("08:00"), toMs: at("10:00") }] }], {
    width,
    colors: false,
    clock
  })

it("draws what begins, goes on and is free", () => {
  expect(draw([block("08:30", "09:30", "Anna")])).toEqual([
    "       Room",
    "08:00  ·",
    "08:30  ┌ 08:30 Anna",
    "09:00  │",
    "09:30  ·"
  ])
})

it("puts what overlaps side by side, and marks a clash", () => {
  const blocked = block("08:30", "09:30", "Service", { kind: "blocked" })
  const lines = draw([block("08:00", "09:00", "Anna", { isClash: true }), blocked])
  expect(lines.slice(1, 3)).toEqual(["08:00  ┌!08:00 Anna", "08:30  │                         ▒ 08:30 Service"])
})

it("takes a shorter step where much begins at once", () => {
  const lines = draw([block("08:00", "08:10", "A"), block("08:10", "08:20", "B"), block("08:20", "08:30", "C")])
  expect(lines[2]).toContain("08:15")
  for (const name of ["A", "B", "C"]) expect(lines.join("\n")).toContain(name)
})

it("shows no night for what is blocked then, unless there is nothing else", () => {
  const night = block("00:00", "24:00", "Closed", { kind: "blocked" })
  expect(draw([night])[1]).toMatch(/^08:00/)
  const alone = gridLines([{ title: "Room", dayMs: 0, blocks: [night], open: [] }], { width: 60, colors: false, clock })
  expect(alone[1]).toMatch(/^00:00/)
})

it("is empty where nothing is open or booked", () => {
  expect(gridLines([{ title: "Room", dayMs: 0, blocks: [], open: [] }], { width: 60, colors: false, clock })).toEqual(
    []
  )
})
