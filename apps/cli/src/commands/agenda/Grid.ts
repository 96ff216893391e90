/** A timetable drawn with letters: a column for each calendar or day, a line for each step of the clock. Pure. */
import { overlaps, type Term } from "@bookio-kit/core/booking/Term"
import { type Color, colored } from "../../output/Table.ts"
import { cut, pad, safe } from "../../output/Width.ts"

/** What stands in a column. */
export interface Block extends Term {
  readonly text: string
  /** What the clock shows at its start, which is shown where there is room. */
  readonly time: string
  readonly kind: "reservation" | "blocked"
  readonly isClash: boolean
}

export interface GridColumn {
  readonly title: string
  /** The instant at which the column's day begins; lines are counted from it. */
  readonly dayMs: number
  readonly blocks: ReadonlyArray<Block>
  readonly open: ReadonlyArray<Term>
}

export interface GridOptions {
  readonly width: number
  readonly colors: boolean
  /** What the clock shows at an instant: HH:mm. */
  readonly clock: (epochMs: number) => string
}

const minuteMs = 60_000
const steps = [30, 15, 10, 5]
const mostLanes = 3
// With less, a name would be cut to its first letters.
const roomForTime = 16

/** The lane of each block: the first in which no earlier one takes a line that it takes. */
const lanesOf = (blocks: ReadonlyArray<Block>, dayMs: number, stepMs: number): ReadonlyArray<number> => {
  const ends: Array<number> = []
  return blocks.map(({ fromMs, toMs }) => {
    const first = Math.floor((fromMs - dayMs) / stepMs)
    const end = Math.max(first + 1, Math.ceil((toMs - dayMs) / stepMs))
    const free = ends.findIndex((until) => until <= first)
    const lane = free < 0 ? ends.length : free
    ends[lane] = end
    return lane
  })
}

const laneCount = (lanes: ReadonlyArray<number>) => Math.max(0, ...lanes) + 1

/** The longest step with which nothing must stand beside something that it does not overlap, or the shortest. */
const stepOf = (columns: ReadonlyArray<GridColumn>): number => {
  const lanes = (step: number) =>
    Math.max(1, ...columns.map(({ blocks, dayMs }) => laneCount(lanesOf(blocks, dayMs, step * minuteMs))))
  const needed = lanes(1)
  return steps.find((step) => lanes(step) <= Math.max(needed, mostLanes - 1)) ?? 5
}

const laneText = (block: Block | undefined, line: Term, isFirst: boolean, width: number, isOpen: boolean): string => {
  if (block === undefined) return pad(isOpen ? "·" : "", width)
  const text = width < roomForTime ? block.text : `${block.time} ${block.text}`
  if (block.kind === "blocked") return cut(isFirst ? `▒ ${text}` : "▒".repeat(Math.min(3, width)), width)
  if (isFirst) return cut(`┌${block.isClash ? "!" : " "}${text}`, width)
  return block.toMs > line.fromMs ? "│" : ""
}

const colorOf = (block: Block | undefined): Color | undefined =>
  block === undefined ? "dim" : block.isClash ? "red" : block.kind === "blocked" ? "yellow" : undefined

/** The lines of the timetable, from the first to the last that anything is on. */
export const gridLines = (
  columns: ReadonlyArray<GridColumn>,
  { clock, colors, width }: GridOptions
): ReadonlyArray<string> => {
  const stepMs = stepOf(columns) * minuteMs
  const dayLines = Math.ceil((24 * 60 * minuteMs) / stepMs)
  const lineOf = (dayMs: number, epochMs: number, round: (n: number) => number) =>
    Math.min(dayLines, Math.max(0, round((epochMs - dayMs) / stepMs)))
  const lines = (isShown: (block: Block) => boolean) =>
    columns.flatMap(({ blocks, dayMs, open }) =>
      [...blocks.filter(isShown), ...open].map((term) => ({
        first: lineOf(dayMs, term.fromMs, Math.floor),
        end: lineOf(dayMs, term.toMs, Math.ceil)
      }))
    )
  // What is blocked at night is of no interest, unless there is nothing else.
  const working = lines(({ kind }) => kind === "reservation")
  const all = working.length > 0 ? working : lines(() => true)
  if (all.length === 0) return []
  const first = Math.min(...all.map((at) => at.first))
  const end = Math.max(...all.map((at) => at.end))
  const cell = Math.max(6, Math.floor((width - 5) / Math.max(1, columns.length)) - 2)
  const lanes = columns.map(({ blocks, dayMs }) => lanesOf(blocks, dayMs, stepMs))
  const drawn = (column: GridColumn, index: number, line: number): string => {
    const term = { fromMs: column.dayMs + line * stepMs, toMs: column.dayMs + (line + 1) * stepMs }
    const count = laneCount(lanes[index] ?? [])
    const laneWidth = Math.max(2, Math.floor(cell / count) - (count > 1 ? 1 : 0))
    const isOpen = column.open.some((open) => overlaps(open, term))
    const texts = Array.from({ length: count }, (_, lane) => {
      const block = column.blocks.find((at, i) => lanes[index]?.[i] === lane && overlaps(at, term))
      const isFirst = block !== undefined && (block.fromMs >= term.fromMs || line === first)
      const text = laneText(block, term, isFirst, laneWidth, isOpen && lane === 0)
      return colored(pad(text, laneWidth), colorOf(block), colors)
    })
    const used = count * laneWidth + (count - 1)
    return texts.join(" ") + " ".repeat(Math.max(0, cell - used))
  }
  const head = columns.map(({ title }) => colored(pad(cut(safe(title), cell), cell), "bold", colors))
  const body = Array.from({ length: end - first }, (_, at) => {
    const line = first + at
    const label = clock((columns[0]?.dayMs ?? 0) + line * stepMs)
    return [label, ...columns.map((column, index) => drawn(column, index, line))].join("  ").trimEnd()
  })
  return [["     ", ...head].join("  ").trimEnd(), ...body]
}
