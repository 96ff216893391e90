/**
 * The clock of servers under test: it runs as the machine's does or stands still, and a test sets it ahead. So a deadline
 * passes where a test says so, and on a busy machine no sooner.
 */
import { type Clock, Duration, Effect } from "effect"

export interface SetClock {
  readonly clock: Clock.Clock
  /** Sets it ahead by so many milliseconds; who sleeps until before then wakes. */
  readonly ahead: (byMs: number) => void
}

const nanos = (ms: number) => BigInt(Math.round(ms)) * 1_000_000n

/** Makes a clock that tells the machine's time at first, and runs unless it `standsStill`. */
export const setClock = ({ standsStill = false } = {}): SetClock => {
  const startedMs = Date.now()
  const sleepers = new Set<() => void>()
  let setMs = 0
  const nowMs = () => (standsStill ? startedMs : Date.now()) + setMs
  const sleep = (byMs: number) =>
    Effect.callback<void>((resume) => {
      const dueMs = nowMs() + byMs
      let timer: NodeJS.Timeout | undefined
      const lookAgain = () => {
        clearTimeout(timer)
        const leftMs = dueMs - nowMs()
        if (leftMs > 0) {
          if (!standsStill) timer = setTimeout(lookAgain, leftMs)
          return
        }
        sleepers.delete(lookAgain)
        resume(Effect.void)
      }
      sleepers.add(lookAgain)
      lookAgain()
      return Effect.sync(() => {
        sleepers.delete(lookAgain)
        clearTimeout(timer)
      })
    })
  return {
    clock: {
      currentTimeMillisUnsafe: nowMs,
      currentTimeMillis: Effect.sync(nowMs),
      currentTimeNanosUnsafe: () => nanos(nowMs()),
      currentTimeNanos: Effect.sync(() => nanos(nowMs())),
      monotonicTimeNanosUnsafe: () => nanos(nowMs()),
      monotonicTimeNanos: Effect.sync(() => nanos(nowMs())),
      sleep: (duration) => (Duration.toMillis(duration) <= 0 ? Effect.yieldNow : sleep(Duration.toMillis(duration)))
    },
    ahead: (byMs) => {
      setMs += byMs
      for (const lookAgain of [...sleepers]) lookAgain()
    }
  }
}
