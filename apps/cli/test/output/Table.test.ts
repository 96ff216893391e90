import fc from "fast-check"
import { expect, it } from "vitest"
import { csvLine } from "../../src/output/Rows.ts"
import { type Column, tableLines } from "../../src/output/Table.ts"
import { cut, safe, widthOf } from "../../src/output/Width.ts"

interface Row {
  readonly name: string
  readonly note: string
}

const columns: ReadonlyArray<Column<Row>> = [
  { title: "NAME", cell: ({ name }) => name, least: 5 },
  { title: "NOTE", cell: ({ note }) => note, least: 5, spare: 1 }
]

it("never makes a line wider than the terminal, and keeps every row", () => {
  fc.assert(
    fc.property(
      fc.array(fc.record({ name: fc.string({ unit: "grapheme" }), note: fc.string({ unit: "grapheme" }) })),
      fc.integer({ min: 5, max: 80 }),
      (rows, width) => {
        const lines = tableLines(columns, rows, { width, colors: false })
        expect(lines).toHaveLength(rows.length + 1)
        for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width)
      }
    )
  )
})

it("shows nothing that would steer the terminal", () => {
  const [, line] = tableLines(columns, [{ name: "a\u001b[2Jb\u202ec", note: "x\ny" }], {
    width: undefined,
    colors: false
  })
  expect(line).toBe("a\ufffd[2Jb\ufffdc  x y")
  expect(safe("\u009b31m")).not.toContain("\u009b")
})

it("colours only where it is told to", () => {
  const red: ReadonlyArray<Column<Row>> = [{ title: "NAME", cell: ({ name }) => name, color: () => "red" }]
  const rows = [{ name: "a", note: "" }]
  expect(tableLines(red, rows, { width: undefined, colors: false })[1]).toBe("a")
  expect(tableLines(red, rows, { width: undefined, colors: true })[1]).toContain("\u001b[31m")
})

it("counts wide letters twice and combining marks not at all", () => {
  expect(widthOf("日本")).toBe(4)
  expect(widthOf("e\u0301")).toBe(1)
  expect(cut("日本語", 4)).toBe("日…")
})

it("quotes CSV as RFC 4180 does", () => {
  expect(csvLine(["a,b", 'say "x"', "two\nlines", null, 5, [1, 2]])).toBe(
    '"a,b","say ""x""","two\nlines",,5,"[1,2]"\r\n'
  )
})
