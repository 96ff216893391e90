/**
 * Tells answers without an end that the server closes. Whoever closes the listener opens the latch, so that open streams end
 * at once instead of holding the shutdown until they are cut.
 */
import * as Context from "effect/Context"
import * as Latch from "effect/Latch"

/** Open from the moment that the server closes; without one provided, streams end when their connection does. */
export const Closing = Context.Reference<Latch.Latch>("@bookio-kit/server/Closing", {
  defaultValue: () => Latch.makeUnsafe()
})
