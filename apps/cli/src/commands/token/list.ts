/** `bookio token list`. */
import * as Tokens from "@bookio-kit/adapter-sql/admin/Tokens"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { withDatabase } from "../../backend/Administration.ts"
import type { Given } from "../../Command.ts"
import { printRows } from "../../output/Output.ts"
import type { Column } from "../../output/Table.ts"
import { infoOf } from "./Shown.ts"
import type { list } from "./specs.ts"

const columns: ReadonlyArray<Column<ReturnType<typeof infoOf>>> = [
  { title: "ID", cell: ({ id }) => String(id), align: "right" },
  { title: "CHANNEL", cell: ({ channel }) => channel, least: 8 },
  { title: "ACCESS", cell: ({ access }) => access },
  { title: "STATE", cell: ({ state }) => state },
  { title: "EXPIRES", cell: ({ expires }) => expires ?? "", spare: 1 },
  { title: "REVOKED", cell: ({ revoked }) => revoked ?? "", spare: 2 }
]

/** Runs the command. */
export const run = (_: Given<typeof list>) =>
  withDatabase(
    Effect.fnUntraced(function* () {
      const tokens = yield* Tokens.list()
      yield* printRows({ columns, empty: "The database has no tokens." }, Stream.fromIterable(tokens.map(infoOf)))
    })
  )
