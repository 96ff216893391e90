/** The lines of an export as text: NDJSON, or CSV with one column for each member that any kind of record has. */
import { FacilityLine, type Line, type RecordLine } from "@bookio-kit/adapter-sql/admin/Records"
import * as Schema from "effect/Schema"
import { csvLine, csvRow } from "../../output/Rows.ts"

export type ExportFormat = "ndjson" | "csv"

const columns = [
  "kind",
  "id",
  "facilityId",
  "number",
  "status",
  "name",
  "email",
  "phone",
  "service",
  "dateFrom",
  "dateFromOffset",
  "dateTo",
  "dateToOffset",
  "duration",
  "created",
  "createdOffset",
  "cancelTime",
  "cancelTimeOffset",
  "cancellationReason",
  "note",
  "externalId",
  "needsSync",
  "validFrom",
  "validTo",
  "services",
  "intervals",
  "timeZone",
  "address",
  "contact",
  "exact"
] as const

const encodeFacility = Schema.encodeSync(FacilityLine)

// Only a facility looks different on the wire (its postcode).
const wire = (line: Line): object => (line.kind === "facility" ? encodeFacility(line) : line)

/** What a file begins with. */
export const heading = (format: ExportFormat, start: Line): string =>
  format === "csv" ? csvLine(columns) : `${JSON.stringify(start)}\n`

/** The text of records. */
export const textOf = (format: ExportFormat, lines: ReadonlyArray<RecordLine>): string =>
  lines.map((line) => (format === "csv" ? csvRow(wire(line), columns) : `${JSON.stringify(wire(line))}\n`)).join("")

/** What a file ends with. */
export const ending = (format: ExportFormat, end: Line): string => (format === "csv" ? "" : `${JSON.stringify(end)}\n`)
