/** `bookio reservations cancel`. */
import { StatusChange } from "@bookio-kit/core/reservation/Reservation"
import * as Effect from "effect/Effect"
import { withBackend } from "../../Backend.ts"
import type { Given } from "../../Command.ts"
import { present, readForm } from "../../Form.ts"
import { changeStatus } from "./Status.ts"
import type { cancel } from "./specs.ts"

/** Runs the command. */
export const run = ({ args, flags: { facility, reason, yes } }: Given<typeof cancel>) =>
  withBackend(
    Effect.flatMap(readForm(StatusChange, present({ status: "CANCELLED", cancellationReason: reason })), (change) =>
      changeStatus({
        ...args,
        facility,
        change,
        done: "cancelled",
        ask: { question: (title) => `Cancel ${title}?`, yes }
      })
    )
  )
