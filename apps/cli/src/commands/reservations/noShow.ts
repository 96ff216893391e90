/** `bookio reservations no-show`. */
import { withBackend } from "../../Backend.ts"
import type { Given } from "../../Command.ts"
import { changeStatus } from "./Status.ts"
import type { noShow } from "./specs.ts"

/** Runs the command. */
export const run = ({ args, flags }: Given<typeof noShow>) =>
  withBackend(changeStatus({ ...args, ...flags, change: { status: "DID_NOT_COME" }, done: "noted as a no-show" }))
