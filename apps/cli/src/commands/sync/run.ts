/** `bookio sync run`. */
import * as Run from "@bookio-kit/sync-worker/Run"
import type { Given } from "../../Command.ts"
import type * as specs from "./specs.ts"
import { verb } from "./Worker.ts"

/** Runs the command. */
export const run = ({ flags }: Given<typeof specs.run>) => verb(flags, Run.run)
