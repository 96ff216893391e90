/** Rows of one kind in the forms that they can be printed in, and the members that `--json` chooses from them. */

/** The value of a JSON document. */
export type Json = string | number | boolean | null | ReadonlyArray<Json> | { readonly [member: string]: Json }

/** A row with the chosen members only, in the order of the choice; with all where nothing is chosen. */
export const choose = (row: object, fields: string | undefined): object => {
  if (fields === undefined || fields === "") return row
  const members = row as { readonly [name: string]: unknown }
  return Object.fromEntries(fields.split(",").map((field) => [field, members[field] ?? null]))
}

const csvCell = (value: unknown): string => {
  if (value === undefined || value === null) return ""
  const text = typeof value === "object" ? JSON.stringify(value) : String(value)
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** A line of CSV with its end (RFC 4180). */
export const csvLine = (cells: ReadonlyArray<unknown>): string => `${cells.map(csvCell).join(",")}\r\n`

/** The cells of a row, by its members. */
export const csvRow = (row: object, fields: ReadonlyArray<string>): string => {
  const members = row as { readonly [name: string]: unknown }
  return csvLine(fields.map((field) => members[field]))
}
