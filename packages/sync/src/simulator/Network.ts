/**
 * What lies between a worker and the two sides: delays, faults, answers that are lost, writes that come about late, and
 * the death of the worker at any request. Every draw comes from one generator.
 */
import * as Effect from "effect/Effect"
import type { Prng } from "./Prng.ts"
import type { VirtualTime } from "./VirtualTime.ts"

/** How often things go wrong, as shares of all requests. */
export interface Weather {
  /** Refused before any work: no connection, too many requests, overload. */
  readonly refused: number
  /** An answer is lost, before or after the work was done, or the work is done later. */
  readonly lost: number
  /** The worker dies at a request or a step of the journal. */
  readonly crash: number
  /** A listing is cut short. */
  readonly truncated: number
}

export const calm: Weather = { refused: 0, lost: 0, crash: 0, truncated: 0 }

export type SideName = "bookio" | "practice"

/** What both sides can fail with as a whole, by their own names for it. */
export type Fault =
  | "Unreachable"
  | "RateLimited"
  | "Overloaded"
  | "Timeout"
  | "MalformedResponse"
  | "OutcomeUnknown"
  | "Internal"

export interface Request<F> {
  readonly side: SideName
  /** Which of the side's servers. */
  readonly server: string
  readonly name: string
  readonly isWrite: boolean
  /** It is a later step of a call to the port, whoever was told to wait meanwhile. */
  readonly isContinued?: boolean
  /** Makes the side's own error. */
  readonly fault: (reason: Fault, retryAfterMs?: number) => F
}

/** One process of a worker: what it sends after its death goes nowhere, and nothing answers it. */
export interface Process {
  readonly name: string
  isDead: boolean
  /** By server: when it may send again, true time. */
  readonly notBefore: Map<string, number>
  inFlight: number
  /** How many changes there had been when its last pass began. */
  sinceOrder: number
}

export interface Network {
  weather: Weather
  /** Sends a request; `work` is done on the other side at once, when it comes to that. */
  readonly send: <A, E, F>(
    process: Process,
    request: Request<F>,
    work: () => Effect.Effect<A, E>
  ) => Effect.Effect<A, E | F>
  /** A step of the journal, at which the process may die. */
  readonly step: <A, E>(process: Process, work: Effect.Effect<A, E>) => Effect.Effect<A, E>
}

/** The longest that the other side works on a request after its answer was given up. */
const lateMs = 5_000

export const make = (options: {
  readonly time: VirtualTime
  readonly chance: Prng
  readonly timeoutMs: number
  /** The longest that a step of the journal takes. */
  readonly stepMs: number
  readonly onCrash: (process: Process) => void
  readonly onRequest: (process: Process, request: Request<unknown>) => void
  readonly trace: (line: string) => void
}): Network => {
  const { chance, onCrash, onRequest, stepMs, time, timeoutMs, trace } = options

  const wait = (ms: number) =>
    Effect.callback<void>((resume) => {
      const cancel = time.after(ms, () => resume(Effect.void))
      return Effect.sync(cancel)
    })

  /** Nobody dead is answered. */
  const answer = <B, G>(process: Process, afterMs: number, given: Effect.Effect<B, G>) =>
    Effect.andThen(
      wait(afterMs),
      Effect.suspend((): Effect.Effect<B, G> => (process.isDead ? Effect.never : given))
    )

  const refusal = <F>(process: Process, { fault, isWrite, server }: Request<F>): F => {
    const reason = chance.pick([
      "Unreachable",
      "RateLimited",
      "Overloaded",
      isWrite ? "Unreachable" : "Timeout"
    ] as const)
    if (reason !== "RateLimited") return fault(reason)
    const retryAfterMs = chance.int(1, 120) * 1_000
    process.notBefore.set(server, Math.max(process.notBefore.get(server) ?? 0, time.nowMs() + retryAfterMs))
    return fault(reason, retryAfterMs)
  }

  const lostReason = ({ isWrite, side }: Request<unknown>): Fault => {
    if (isWrite)
      return side === "practice" ? "OutcomeUnknown" : chance.pick(["OutcomeUnknown", "Internal", "MalformedResponse"])
    return side === "practice"
      ? chance.pick(["Timeout", "MalformedResponse"])
      : chance.pick(["Timeout", "MalformedResponse", "Internal"])
  }

  /** A request on its way, by what becomes of it. */
  const carry = <A, E, F>(
    process: Process,
    request: Request<F>,
    work: () => Effect.Effect<A, E>
  ): Effect.Effect<A, E | F> => {
    const { crash, lost, refused } = network.weather
    const serve = () => void Effect.runSync(Effect.exit(Effect.suspend(work)))
    if (chance.chance(crash)) {
      // It dies with the request on its way, which may still be served.
      if (chance.chance(0.5)) time.after(chance.int(0, timeoutMs + lateMs), serve)
      onCrash(process)
      return Effect.never
    }
    if (chance.chance(refused)) {
      const turnedAway = Effect.suspend(() => Effect.fail(refusal(process, request)))
      return answer(process, chance.int(1, 100), turnedAway)
    }
    const travelMs = chance.int(1, 80)
    const how = chance.chance(lost) ? chance.pick(["before", "after", "late", "twice"] as const) : undefined
    const isLost = how !== undefined && how !== "twice"
    if (request.isWrite) {
      // Something between repeats what it carries.
      if (how === "twice") time.after(chance.int(travelMs, timeoutMs), serve)
      if (how === "after") time.after(travelMs, serve)
      if (how === "late") time.after(chance.int(travelMs, timeoutMs + lateMs), serve)
    }
    if (isLost) {
      const reason = lostReason(request)
      const isSlow = reason === "OutcomeUnknown" || reason === "Timeout"
      return answer(process, isSlow ? timeoutMs : travelMs + 100, Effect.fail(request.fault(reason)))
    }
    return Effect.flatMap(Effect.andThen(wait(travelMs), Effect.exit(Effect.suspend(work))), (exit) =>
      answer(process, chance.int(1, 80), exit)
    )
  }

  const network: Network = {
    weather: calm,
    send: (process, request, work) =>
      Effect.suspend(() => {
        if (process.isDead) return Effect.never
        onRequest(process, request)
        trace(`${process.name} ${request.server} ${request.name}`)
        process.inFlight++
        return Effect.ensuring(
          carry(process, request, work),
          Effect.sync(() => {
            process.inFlight--
          })
        )
      }),
    step: (process, work) =>
      Effect.suspend(() => {
        if (process.isDead) return Effect.never
        if (chance.chance(network.weather.crash / 2)) {
          // On disk or not, and dead either way.
          const isStored = chance.chance(0.5)
          onCrash(process)
          return isStored ? Effect.andThen(Effect.exit(work), Effect.never) : Effect.never
        }
        if (stepMs === 0 || chance.chance(0.5)) return work
        const slow = Effect.andThen(wait(chance.int(0, stepMs)), Effect.exit(work))
        return Effect.flatMap(slow, (exit) => answer(process, chance.int(0, stepMs), exit))
      })
  }
  return network
}
