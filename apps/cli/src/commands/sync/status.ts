/** `bookio sync status`. */
import * as Ask from "@bookio-kit/sync-worker/Ask"
import type { Given } from "../../Command.ts"
import type * as specs from "./specs.ts"
import { verb } from "./Worker.ts"

/** Runs the command. */
export const run = ({ flags }: Given<typeof specs.status>) => verb(flags, Ask.status)
