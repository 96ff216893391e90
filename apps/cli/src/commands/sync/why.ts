/** `bookio sync why`. */
import * as Ask from "@bookio-kit/sync-worker/Ask"
import type { Given } from "../../Command.ts"
import type * as specs from "./specs.ts"
import { verb } from "./Worker.ts"

/** Runs the command. */
export const run = ({ args, flags }: Given<typeof specs.why>) =>
  verb(flags, (options) => Ask.why({ ...options, ...args }))
