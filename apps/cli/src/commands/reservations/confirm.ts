/** `bookio reservations confirm`. */
import { withBackend } from "../../Backend.ts"
import type { Given } from "../../Command.ts"
import { changeStatus } from "./Status.ts"
import type { confirm } from "./specs.ts"

/** Runs the command. */
export const run = ({ args, flags }: Given<typeof confirm>) =>
  withBackend(changeStatus({ ...args, ...flags, change: { status: "CONFIRMED" }, done: "confirmed" }))
