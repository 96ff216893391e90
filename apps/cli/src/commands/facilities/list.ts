/** `bookio facilities list`. */
import type { Facility } from "@bookio-kit/core/facility/Facility"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { withBackend } from "../../Backend.ts"
import type { Given } from "../../Command.ts"
import { allFacilities } from "../../Facility.ts"
import { isForPeople, printRows } from "../../output/Output.ts"
import type { Column } from "../../output/Table.ts"
import type { list } from "./specs.ts"

const columns: ReadonlyArray<Column<Facility>> = [
  { title: "ID", cell: ({ id }) => String(id), align: "right" },
  { title: "NAME", cell: ({ name }) => name, least: 10 },
  { title: "STREET", cell: ({ address }) => address.street, least: 8, spare: 3 },
  { title: "CITY", cell: ({ address }) => address.city, least: 8, spare: 2 },
  { title: "PHONE", cell: ({ contact }) => contact.phone ?? "", spare: 4 },
  { title: "TIME ZONE", cell: ({ timeZone }) => timeZone, spare: 1 }
]

/** Runs the command. */
export const run = (_: Given<typeof list>) =>
  withBackend(
    Effect.gen(function* () {
      const facilities = yield* allFacilities
      const form = { columns, empty: "This token reaches no facility." }
      const rows = Stream.fromIterable(facilities)
      if (yield* isForPeople) return yield* printRows(form, rows)
      const { toJson } = yield* Effect.promise(() => import("./Json.ts"))
      yield* printRows({ ...form, toJson }, rows)
    })
  )
