/** What is known of a write that failed (api.md, "Unknown outcome"). */
import type { BackendError } from "@bookio-kit/core/error/BackendError"

/** Whether a failure of a write proves that nothing was done: it was refused before any work, or never sent. */
export const provesNothingDone = ({ reason }: BackendError): boolean =>
  reason === "RateLimited" || reason === "Overloaded" || reason === "Unreachable"

/** How long after a write without an answer its effect can still come (sync.md, "Unknown outcomes"), and some more. */
export const unsettledMs = 15_000
