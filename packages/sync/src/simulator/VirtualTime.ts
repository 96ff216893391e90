/**
 * Time that passes only when nothing else is left to do: a scheduler and clocks for Effect that never touch the machine's,
 * so that a run takes as long as its work and is the same every time. Assumes that nothing waits for the outside.
 */
import type { Clock } from "effect/Clock"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as Exit from "effect/Exit"
import type * as Fiber from "effect/Fiber"
import type { Scheduler } from "effect/Scheduler"

interface Timer {
  readonly atMs: number
  readonly order: number
  readonly run: () => void
}

export interface VirtualTime {
  /** The true time, Unix time in milliseconds; only the simulator knows it. */
  readonly nowMs: () => number
  /** Calls back after some time; gives what takes that back. */
  readonly after: (delayMs: number, run: () => void) => () => void
  readonly scheduler: Scheduler
  /** A clock that is ahead of the true one by what `skewMs` gives; its monotonic time is the true one. Who sleeps by it does
   * not wake any more once it is stopped. */
  readonly clock: (skewMs: () => number, isStopped?: () => boolean) => Clock
  /** Lets time pass until then, with all that happens by it. */
  readonly passTo: (atMs: number) => void
  /** Runs to its end; all that is due meanwhile happens too. */
  readonly run: <A, E>(start: () => Fiber.Fiber<A, E>) => Exit.Exit<A, E>
}

const mostSteps = 2_000_000

const isSooner = (a: Timer, b: Timer) => a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order)

export const make = (startMs: number): VirtualTime => {
  let nowMs = startMs
  let order = 0
  let timers: Array<Timer> = []
  let tasks: Array<() => void> = []

  // A run that does not end is a defect, and must not hang the machine.
  let steps = 0
  const drain = () => {
    if (++steps > mostSteps) throw new Error("the run does not end")
    while (tasks.length > 0) {
      const batch = tasks
      tasks = []
      for (const task of batch) task()
    }
  }

  const after: VirtualTime["after"] = (delayMs, run) => {
    const timer = { atMs: nowMs + Math.ceil(Math.max(0, delayMs)), order: order++, run }
    let low = 0
    let high = timers.length
    while (low < high) {
      const middle = (low + high) >> 1
      if (isSooner(timers[middle] as Timer, timer)) low = middle + 1
      else high = middle
    }
    timers.splice(low, 0, timer)
    return () => {
      timers = timers.filter((one) => one !== timer)
    }
  }

  const step = (untilMs: number): boolean => {
    drain()
    const [first] = timers
    if (first === undefined || first.atMs > untilMs) return false
    timers.shift()
    nowMs = Math.max(nowMs, first.atMs)
    first.run()
    drain()
    return true
  }

  const scheduler: Scheduler = {
    executionMode: "async",
    shouldYield: () => {
      if (++steps > mostSteps) throw new Error("the run does not end")
      return false
    },
    makeDispatcher: () => ({
      scheduleTask: (task) => {
        tasks.push(task)
      },
      flush: drain
    })
  }

  return {
    nowMs: () => nowMs,
    after,
    scheduler,
    clock: (skewMs, isStopped = () => false) => {
      const millis = () => Math.floor(nowMs + skewMs())
      const nanos = () => BigInt(millis()) * 1_000_000n
      const monotonic = () => BigInt(Math.floor(nowMs)) * 1_000_000n
      return {
        currentTimeMillisUnsafe: millis,
        currentTimeMillis: Effect.sync(millis),
        currentTimeNanosUnsafe: nanos,
        currentTimeNanos: Effect.sync(nanos),
        monotonicTimeNanosUnsafe: monotonic,
        monotonicTimeNanos: Effect.sync(monotonic),
        sleep: (duration) =>
          Effect.callback<void>((resume) => {
            const cancel = after(Duration.toMillis(duration), () => {
              if (!isStopped()) resume(Effect.void)
            })
            return Effect.sync(cancel)
          })
      }
    },
    passTo: (atMs) => {
      while (step(atMs));
      nowMs = Math.max(nowMs, atMs)
    },
    run: (start) => {
      const fiber = start()
      for (;;) {
        drain()
        const exit = fiber.pollUnsafe()
        if (exit !== undefined) return exit
        if (!step(Number.POSITIVE_INFINITY)) throw new Error("a deadlock: nothing is left to happen, and the run waits")
      }
    }
  }
}
