/** An export of the engine's database itself: exact. */
import type { AdminError } from "@bookio-kit/adapter-sql/admin/AdminError"
import * as Export from "@bookio-kit/adapter-sql/admin/Export"
import type { FacilityLine, RecordLine } from "@bookio-kit/adapter-sql/admin/Records"
import type { Database } from "@bookio-kit/adapter-sql/database/Database"
import type { BackendError } from "@bookio-kit/core/error/BackendError"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { CommandError, usageError } from "../../Failure.ts"
import type { Source, Stage, Step } from "./Source.ts"

const pageSize = 500

const PlaceJson = Schema.Struct({ changedMs: Schema.Int, id: Schema.Int })
const decodePlace = Schema.decodeUnknownSync(PlaceJson)

type Failure = AdminError | BackendError

const stageOf = <Line extends RecordLine>(
  kind: Stage<Failure, Database>["kind"],
  total: number,
  facility: FacilityLine,
  page: (
    facility: FacilityLine,
    after: Export.Place,
    limit: number
  ) => Effect.Effect<Export.ExportPage<Line>, Failure, Database>
): Stage<Failure, Database> => ({
  kind,
  total,
  step: Effect.fnUntraced(function* (at) {
    const after = at === undefined ? Export.beginning : decodePlace(at)
    const { last, lines } = yield* page(facility, after, pageSize)
    if (lines.length === pageSize) return { lines, next: { ...last }, isComplete: false } satisfies Step
    // What changed in the very millisecond of the last row, with a smaller id, has come to stand before it.
    const late = yield* page(facility, { changedMs: last.changedMs - 1, id: Number.MAX_SAFE_INTEGER }, pageSize)
    const known = new Set(lines.map((line) => JSON.stringify(line)))
    const added = at === undefined || lines.length > 0 ? late.lines : []
    return {
      lines: [...lines, ...added.filter((line) => !known.has(JSON.stringify(line)))],
      next: undefined,
      isComplete: true
    } satisfies Step
  })
})

/** The facility that is asked for, by its id or a part of its name, or the only one. @errors `CommandError`. */
const facilityOf = Effect.fnUntraced(function* (asked: string | undefined) {
  const all = yield* Export.facilities()
  const text = asked?.toLowerCase() ?? ""
  const exact = all.filter(({ id, name }) => String(id) === asked || name.toLowerCase() === text)
  const [found, ...others] = exact.length > 0 ? exact : all.filter(({ name }) => name.toLowerCase().includes(text))
  const list = all.map(({ id, name }) => `${id} ${name}`).join(", ")
  if (found === undefined) {
    return yield* new CommandError({
      why: "--facility names none of this database",
      fix: all.length === 0 ? "it has none" : `they are ${list}`,
      exitCode: 12
    })
  }
  return others.length === 0 ? found.id : yield* usageError("--facility must name one", `they are ${list}`)
})

/** The source of a facility of the open database. @errors `CommandError` unless `asked` names one; `BackendError`. */
export const databaseSource = Effect.fnUntraced(function* (filename: string, asked: string | undefined) {
  const facilityId = yield* facilityOf(asked)
  const { blockedTimes, facility, reservations } = yield* Export.head(facilityId)
  const source: Source<Failure, Database> = {
    source: "database",
    name: `database ${filename}`,
    facilityId,
    head: Effect.map(Export.head(facilityId), (head) => [head.facility, ...head.calendars]),
    stages: [
      stageOf("reservation", reservations, facility, Export.reservations),
      stageOf("blockedTime", blockedTimes, facility, Export.blockedTimes)
    ]
  }
  return source
})
