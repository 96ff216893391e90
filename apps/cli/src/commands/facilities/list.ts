/** `bookio facilities list`. */
import { Facility } from "@bookio-kit/core/facility/Facility"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { withBackend } from "../../Backend.ts"
import type { Given } from "../../Command.ts"
import { allFacilities } from "../../Facility.ts"
import { printRows } from "../../output/Output.ts"
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

const toJson = Schema.encodeSync(Facility)

/** Runs the command. */
export const run = (_: Given<typeof list>) =>
  withBackend(
    Effect.flatMap(allFacilities, (facilities) =>
      printRows({ columns, empty: "This token reaches no facility.", toJson }, Stream.fromIterable(facilities))
    )
  )
