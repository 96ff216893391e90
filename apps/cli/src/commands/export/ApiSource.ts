/** An export over the API's ports: what one channel sees, page by page, by the paging rule of core. */
import { createHash } from "node:crypto"
import type { RecordLine } from "@bookio-kit/adapter-sql/admin/Records"
import type { Caller } from "@bookio-kit/core/access/Caller"
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import type { BackendError } from "@bookio-kit/core/error/BackendError"
import type { InvalidToken, PermissionDenied } from "@bookio-kit/core/error/Refusal"
import type { Page } from "@bookio-kit/core/page/Page"
import { advance, type Order, type Paging, pageLimit, start } from "@bookio-kit/core/page/Paging"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Backend } from "../../Backend.ts"
import { oneFacility } from "../../Facility.ts"
import type { Source, Stage, Step } from "./Source.ts"

type Failure = PermissionDenied | InvalidToken | BackendError

// Rows are compared with those of the page before only: a digest will do, and holds nothing of a person.
const digest = (row: unknown): string => createHash("sha256").update(JSON.stringify(row)).digest("base64url")

const Place = Schema.Struct({
  offset: Schema.Int,
  previous: Schema.Array(Schema.Struct({ id: Schema.Int, text: Schema.String })),
  isBack: Schema.Boolean,
  stepsBack: Schema.Int,
  reading: Schema.Int
})
const decodePlace = Schema.decodeUnknownSync(Place)

// A first reading goes on in its middle. A later one, which only looks for what the first has missed, begins again.
const resumed = (at: Schema.Json, written: ReadonlySet<number>): Paging => {
  const place = decodePlace(at)
  // What the rows showed is not kept: the reading after this one compares.
  const seen = new Map([...written].map((id) => [id, 0] as const))
  return place.reading > 1 ? start(place.reading, seen) : { ...place, seen, earlier: undefined }
}

const stageOf = <Row extends { readonly id: number }>(
  kind: Stage<Failure, Caller>["kind"],
  total: number,
  order: Order,
  page: (offset: number, limit: number) => Effect.Effect<Page<Row>, Failure, Caller>,
  toLine: (row: Row) => RecordLine
): Stage<Failure, Caller> => {
  let state: Paging | undefined
  let lined: Set<number> | undefined
  return {
    kind,
    total,
    step: Effect.fnUntraced(function* (at, written) {
      state ??= at === undefined ? start() : resumed(at, written)
      const { pagination, rows } = yield* page(state.offset, pageLimit)
      const limit = pagination.limit > 0 ? Math.min(pageLimit, pagination.limit) : pageLimit
      const { give, next } = advance(
        state,
        rows.map((row) => ({ id: row.id, text: digest(row) })),
        limit,
        order
      )
      // One line for each, also where it is given again because it has changed meanwhile.
      lined ??= new Set(written)
      const lines: Array<RecordLine> = []
      for (const index of give) {
        const row = rows[index]
        if (row === undefined || lined.has(row.id)) continue
        lined.add(row.id)
        lines.push(toLine(row))
      }
      if (typeof next === "string") {
        return { lines, next: undefined, isComplete: next === "complete" } satisfies Step
      }
      state = next
      const { isBack, offset, previous, reading, stepsBack } = next
      return {
        lines,
        next: { offset, previous: previous.map(({ id, text }) => ({ id, text })), isBack, stepsBack, reading },
        isComplete: false
      } satisfies Step
    })
  }
}

/** The source of a facility that the token reaches. @errors `CommandError` unless `asked` names one; those of the ports. */
export const apiSource = Effect.fnUntraced(function* (asked: string | undefined) {
  const { order, target } = yield* Backend
  const facility = yield* oneFacility(asked)
  const calendars = yield* Calendars
  const reservations = yield* Reservations
  const blockedTimes = yield* BlockedTimes
  const query = { facilityId: facility.id }
  const counted = yield* reservations.list({ ...query, limit: 0 })
  const blocked = yield* blockedTimes.list({ ...query, limit: 0 })
  const source: Source<Failure, Caller> = {
    source: "api",
    name: target._tag === "Remote" ? target.baseUrl : `database ${target.filename} as a channel`,
    facilityId: facility.id,
    head: Effect.map(calendars.list(query), (listed) => [
      { kind: "facility", ...facility },
      ...listed.map((calendar) => ({ kind: "calendar", ...calendar }) as const)
    ]),
    stages: [
      stageOf(
        "reservation",
        counted.pagination.total,
        order,
        (offset, limit) => reservations.list({ ...query, offset, limit }),
        (row) => ({ kind: "reservation", ...row })
      ),
      stageOf(
        "blockedTime",
        blocked.pagination.total,
        order,
        (offset, limit) => blockedTimes.list({ ...query, offset, limit }),
        (row) => ({ kind: "blockedTime", facilityId: facility.id, ...row })
      )
    ]
  }
  return source
})
