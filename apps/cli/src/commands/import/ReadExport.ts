/**
 * Reads an export twice: first all of it is decoded, and its facility, its calendars and the last line of each record are
 * found; then the records come in batches. Only numbers of lines are kept, so that an export may be larger than memory.
 */
import { createReadStream } from "node:fs"
import { createInterface } from "node:readline"
import {
  type BlockedTimeLine,
  type CalendarLine,
  type FacilityLine,
  formatVersion,
  Line,
  type ReservationLine,
  type StartLine
} from "@bookio-kit/adapter-sql/admin/Records"
import { problemsOf } from "@bookio-kit/core/text/Problems"
import { render } from "@bookio-kit/core/text/Text"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { CommandError } from "../../Failure.ts"

const decode = Schema.decodeUnknownResult(Line, { errors: "all" })

/** A record with the number of its line. */
export interface Numbered {
  readonly line: number
  readonly record: ReservationLine | BlockedTimeLine
}

/** What is wrong with a line. */
export interface LineProblem {
  readonly line: number
  readonly kind?: string
  readonly id?: number
  readonly problem: string
}

/** What the first reading found. */
export interface ExportFile {
  readonly start: StartLine
  readonly facility: FacilityLine
  readonly calendars: ReadonlyArray<CalendarLine>
  readonly problems: ReadonlyArray<LineProblem>
  /** How many records there are. */
  readonly total: number
  /** The records, each once, by its last line; in the order of the file. */
  readonly records: Stream.Stream<Numbered, CommandError>
}

const wrong = (why: string) => new CommandError({ why, exitCode: 78 })

// Each run of the stream reads the file anew.
const linesOf = (file: string) =>
  Stream.suspend(() =>
    Stream.fromAsyncIterable(createInterface({ input: createReadStream(file, "utf8") }), () =>
      wrong(`${file} cannot be read`)
    )
  ).pipe(
    Stream.zipWithIndex,
    Stream.filter(([text]) => text.trim() !== "")
  )

const parse = (text: string): Result.Result<Line, string> => {
  try {
    return Result.mapError(decode(JSON.parse(text)), ({ issue }) =>
      problemsOf(issue)
        .map((problem) => render(problem, "en"))
        .join("; ")
    )
  } catch {
    return Result.fail("it is no JSON")
  }
}

const keyOf = ({ id, kind }: ReservationLine | BlockedTimeLine) => `${kind} ${id}`

/** Reads and checks all lines of a file. @errors `CommandError` for what is no whole export of one facility. */
export const readExport = Effect.fnUntraced(function* (file: string) {
  let start: StartLine | undefined
  let facility: FacilityLine | undefined
  let isWhole = false
  const calendars = new Map<number, CalendarLine>()
  const last = new Map<string, number>()
  const problems: Array<LineProblem> = []
  yield* Stream.runForEach(linesOf(file), ([text, index]) =>
    Effect.sync(() => {
      const line = index + 1
      const parsed = parse(text)
      if (Result.isFailure(parsed)) {
        problems.push({ line, problem: parsed.failure })
        return
      }
      const found = parsed.success
      isWhole = found.kind === "end"
      if (found.kind === "export") start ??= found
      else if (found.kind === "facility") facility = found
      else if (found.kind === "calendar") calendars.set(found.id, found)
      else if (found.kind !== "end") {
        if (found.facilityId === start?.facilityId) last.set(keyOf(found), line)
        else problems.push({ line, kind: found.kind, id: found.id, problem: "it is of another facility" })
      }
    })
  )
  if (start === undefined || facility === undefined) {
    return yield* wrong(`${file} is no export: its first line must be of kind export, and one of kind facility`)
  }
  if (start.version > formatVersion) {
    return yield* wrong(`${file} is of a newer version, ${start.version}; this one reads ${formatVersion}`)
  }
  if (!isWhole) {
    return yield* wrong(`${file} is not whole: it has no last line of kind end; run its export to the end`)
  }
  const records = linesOf(file).pipe(
    Stream.flatMap(([text, index]) => {
      const parsed = parse(text)
      if (Result.isFailure(parsed)) return Stream.empty
      const record = parsed.success
      const isRecord = record.kind === "reservation" || record.kind === "blockedTime"
      return isRecord && last.get(keyOf(record)) === index + 1
        ? Stream.succeed<Numbered>({ line: index + 1, record })
        : Stream.empty
    })
  )
  const found: ExportFile = { start, facility, calendars: [...calendars.values()], problems, total: last.size, records }
  return found
})
