/** Tables for people: aligned columns, fitted to the width of the terminal. */
import { cut, pad, safe, widthOf } from "./Width.ts"

/** A column of rows of one kind. */
export interface Column<A> {
  readonly title: string
  readonly cell: (row: A) => string
  readonly align?: "left" | "right"
  /** To how many columns it may be cut; it is never cut where absent. */
  readonly least?: number
  /** Left out where there is no room: the highest first; it stays where absent. */
  readonly spare?: number
  /** The colour of a cell. */
  readonly color?: (row: A) => Color | undefined
}

export type Color = "red" | "green" | "yellow" | "dim" | "bold"

const codes: { readonly [C in Color]: string } = { red: "31", green: "32", yellow: "33", dim: "2", bold: "1" }

/** A text in a colour, where colours are on. */
export const colored = (text: string, color: Color | undefined, colors: boolean): string =>
  colors && color !== undefined ? `\u001b[${codes[color]}m${text}\u001b[0m` : text

const gap = 2

const total = (widths: ReadonlyArray<number>) =>
  widths.reduce((sum, width) => sum + width, 0) + gap * Math.max(0, widths.length - 1)

/** The columns that are shown, with their widths. */
const fit = <A>(columns: ReadonlyArray<Column<A>>, natural: ReadonlyArray<number>, width: number | undefined) => {
  let shown = columns.map((column, index) => ({ column, index, width: natural[index] ?? 0 }))
  if (width === undefined) return shown
  const least = (at: (typeof shown)[number]) => Math.min(at.width, at.column.least ?? at.width)
  while (total(shown.map(least)) > width) {
    const spares = shown.filter(({ column }) => column.spare !== undefined)
    if (spares.length === 0) break
    const last = spares.reduce((a, b) => ((b.column.spare ?? 0) >= (a.column.spare ?? 0) ? b : a))
    shown = shown.filter((at) => at !== last)
  }
  // The widest gives way first.
  let over = total(shown.map((at) => at.width)) - width
  while (over > 0) {
    const candidates = shown.filter((at) => at.width > Math.max(1, at.column.least ?? at.width))
    if (candidates.length === 0) break
    const widest = candidates.reduce((a, b) => (b.width > a.width ? b : a))
    widest.width--
    over--
  }
  return shown
}

/** The lines of a table; a terminal of `width` columns can hold each, where the columns allow it. */
export const tableLines = <A>(
  columns: ReadonlyArray<Column<A>>,
  rows: ReadonlyArray<A>,
  { colors, width }: { readonly width: number | undefined; readonly colors: boolean }
): ReadonlyArray<string> => {
  const used = columns.filter((column) => rows.some((row) => column.cell(row) !== "") || column.spare === undefined)
  const cells = rows.map((row) => used.map((column) => safe(column.cell(row))))
  const natural = used.map((column, index) =>
    Math.max(widthOf(column.title), ...cells.map((line) => widthOf(line[index] ?? "")))
  )
  const shown = fit(used, natural, width)
  const line = (texts: ReadonlyArray<string>, colorOf: (column: Column<A>) => Color | undefined) =>
    shown
      .map(({ column, index, width }) => {
        const text = pad(cut(texts[index] ?? "", width), width, column.align)
        return colored(text, colorOf(column), colors)
      })
      .join(" ".repeat(gap))
      .trimEnd()
  return [
    line(
      used.map(({ title }) => title),
      () => "bold"
    ),
    ...rows.map((row, index) => line(cells[index] ?? [], (column) => column.color?.(row)))
  ]
}
