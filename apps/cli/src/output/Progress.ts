/** A bar that shows how far a long command is, its rate and the time left: on a terminal only, on standard error. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"

const everyMs = 100

const timeText = (seconds: number): string =>
  seconds < 60
    ? `${Math.ceil(seconds)} s`
    : seconds < 3600
      ? `${Math.floor(seconds / 60)} min ${Math.floor(seconds % 60)} s`
      : `${Math.floor(seconds / 3600)} h ${Math.floor((seconds % 3600) / 60)} min`

/**
 * The line of a bar.
 *
 * @param done - of `total`; what was there before the run began does not count for the rate
 * @param elapsedMs - since the run began
 */
export const progressLine = (
  done: number,
  total: number,
  before: number,
  elapsedMs: number,
  columns: number
): string => {
  const share = total === 0 ? 1 : Math.min(1, done / total)
  const rate = elapsedMs <= 0 ? 0 : ((done - before) * 1000) / elapsedMs
  const left = rate > 0 && total > done ? `, ${timeText((total - done) / rate)} left` : ""
  const text = ` ${Math.floor(share * 100)} %  ${done} of ${total}, ${Math.round(rate)}/s${left}`
  const width = Math.max(0, Math.min(40, columns - text.length - 3))
  const filled = Math.round(share * width)
  const bar = width < 5 ? "" : `[${"#".repeat(filled)}${"-".repeat(width - filled)}]`
  return `${bar}${text}`.slice(0, columns - 1)
}

/** Shows a bar until the scope ends; the effect it gives is told how many are done. */
export const progress = (
  total: number,
  before = 0
): Effect.Effect<(done: number) => Effect.Effect<void>, never, Scope.Scope> =>
  Effect.gen(function* () {
    const { stderr } = process
    if (!stderr.isTTY) return () => Effect.void
    // The terminal is asked about time passing, not about when something happened.
    const startMs = performance.now()
    let drawnMs = Number.NEGATIVE_INFINITY
    yield* Effect.addFinalizer(() => Effect.sync(() => void stderr.write("\r\u001b[K")))
    return (done: number) =>
      Effect.sync(() => {
        const nowMs = performance.now()
        if (nowMs - drawnMs < everyMs) return
        drawnMs = nowMs
        stderr.write(`\r\u001b[K${progressLine(done, total, before, nowMs - startMs, stderr.columns || 80)}`)
      })
  })
