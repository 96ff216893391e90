/**
 * The upstream as its tokens see it. Which backend it is, and how it is reached, is the composition's part: a function
 * from token to ports. This module bounds how much is asked of it at once, and asks a slow read twice where that is
 * wanted. Retries, budget and circuit breaker are the backend's own.
 */
import { Caller } from "@bookio-kit/core/access/Caller"
import type { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import type { Calendars } from "@bookio-kit/core/calendar/Calendars"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { InvalidToken } from "@bookio-kit/core/error/Refusal"
import type { Events } from "@bookio-kit/core/event/Events"
import type { Facilities } from "@bookio-kit/core/facility/Facilities"
import type { Reservations } from "@bookio-kit/core/reservation/Reservations"
import type { Slots } from "@bookio-kit/core/slot/Slots"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as RcMap from "effect/RcMap"
import * as Redacted from "effect/Redacted"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { countHedge, countRefusal, showLoad } from "./Metrics.ts"
import { Relay, type Relayed, type RelayRequest } from "./Relay.ts"
import type { Session } from "./Session.ts"

/** What is asked of the upstream. */
export type UpstreamPorts = Facilities | Calendars | Reservations | BlockedTimes | Slots | Events

/**
 * Makes the ports that a token stands for, with a `Relay` where the backend has one, and the `Caller` as whom they are asked, whose language is replaced by that of
 * each request. Nothing needs to be asked for that; a token that is not valid is told by the ports.
 */
export type Connect = (
  token: Redacted.Redacted
) => Effect.Effect<Context.Context<UpstreamPorts | Caller>, never, Scope.Scope>

export interface UpstreamOptions {
  readonly connect: Connect
  /** How many requests the upstream works on at once; 16. */
  readonly concurrency?: number
  /** How many more may wait; one beyond that is `Overloaded` at once. 256. */
  readonly queue?: number
  /** How long one waits before it is `Overloaded`, nothing done; 5 seconds. */
  readonly queueTime?: Duration.Input
  /** Asks a read once more when it takes longer than this; the first answer counts. Absent: never. */
  readonly hedgeAfter?: Duration.Input | undefined
}

type Ask = <A, E, R>(
  session: Session,
  use: Effect.Effect<A, E, R | UpstreamPorts>
) => Effect.Effect<A, Exclude<E, InvalidToken> | InvalidToken | BackendError, Exclude<R, UpstreamPorts> | Caller>

export class Upstream extends Context.Service<
  Upstream,
  {
    /**
     * Asks the upstream with a session's token something that changes nothing.
     *
     * @errors `Overloaded` where too many wait, nothing sent; `InvalidToken` only where the token is the caller's own: one
     * of ours that the upstream refuses is `Internal`.
     */
    readonly read: Ask
    /** Asks the upstream to change something, once. @errors as `read`. */
    readonly write: Ask
    /**
     * Has the upstream's `Relay` send a request with a session's token, as its `Send` does. Nothing is sent where it would
     * have to wait, where the token was not used a short while ago, and where reads are hedged.
     */
    readonly relay: (
      session: Session,
      request: RelayRequest,
      tell: (relayed: Relayed) => void
    ) => (() => void) | undefined
  }
>()("@bookio-kit/gateway/Upstream") {}

// A waiting request comes again when about as many have been served as may be worked on at once.
const overloaded = new BackendError({ reason: "Overloaded", retryAfterMs: 1000 })
const refuse = (reason: "fullQueue" | "queueTime") => Effect.andThen(countRefusal(reason), Effect.fail(overloaded))

/** Bounds how many effects run at once and how many wait for it. */
const makeGate = Effect.fnUntraced(function* ({
  concurrency = 16,
  queue = 256,
  queueTime = "5 seconds"
}: UpstreamOptions) {
  const permits = Semaphore.makeUnsafe(concurrency)
  let admitted = 0
  yield* showLoad(() => ({ running: Math.min(admitted, concurrency), waiting: Math.max(0, admitted - concurrency) }))
  /** Takes a place that is free at once; whoever has it has to leave. */
  const enter = (): boolean => {
    if (admitted >= concurrency || !Effect.runSync(permits.takeIfAvailable(1))) return false
    admitted += 1
    return true
  }
  const leave = (): void => {
    admitted -= 1
    Effect.runSync(permits.release(1))
  }
  const run = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E | BackendError, R> =>
    Effect.suspend((): Effect.Effect<A, E | BackendError, R> => {
      if (admitted >= concurrency + queue) return refuse("fullQueue")
      const waits = admitted >= concurrency
      admitted += 1
      let started = !waits
      const inTurn = permits.withPermits(1)(
        Effect.suspend(() => {
          started = true
          return effect
        })
      )
      const bounded = waits
        ? Effect.raceFirst(
            inTurn,
            Effect.andThen(Effect.sleep(queueTime), () => (started ? Effect.never : refuse("queueTime")))
          )
        : inTurn
      return Effect.ensuring(
        bounded,
        Effect.sync(() => {
          admitted -= 1
        })
      )
    })
  return { enter, leave, run }
})

// A token that is in use keeps its ports: they hold its budget and its circuit breaker.
const touchEveryMs = 60_000

const isInvalidToken = (error: unknown): error is InvalidToken => Predicate.isTagged(error, "InvalidToken")

const make = Effect.fnUntraced(function* (options: UpstreamOptions) {
  const clock = yield* Clock.Clock
  const relays = new Map<string, { readonly relay: Relay["Service"]; touchedMs: number }>()
  const pool = yield* RcMap.make({
    lookup: (token: string) =>
      Effect.tap(options.connect(Redacted.make(token)), (ports) => {
        const relay = Option.getOrUndefined(Context.getOption(ports, Relay))
        if (relay === undefined || options.hedgeAfter !== undefined) return Effect.void
        const known = { relay, touchedMs: clock.currentTimeMillisUnsafe() }
        relays.set(token, known)
        return Effect.addFinalizer(() =>
          Effect.sync(() => {
            if (relays.get(token) === known) relays.delete(token)
          })
        )
      }),
    idleTimeToLive: "10 minutes"
  })
  const gate = yield* makeGate(options)
  const relay: Upstream["Service"]["relay"] = ({ upstreamToken }, request, tell) => {
    const known = relays.get(Redacted.value(upstreamToken))
    if (known === undefined || !gate.enter()) return undefined
    const nowMs = clock.currentTimeMillisUnsafe()
    if (nowMs - known.touchedMs >= touchEveryMs) {
      known.touchedMs = nowMs
      Effect.runFork(RcMap.touch(pool, Redacted.value(upstreamToken)))
    }
    const end = known.relay.send(request, (relayed) => {
      gate.leave()
      tell(relayed)
    })
    if (end === undefined) {
      gate.leave()
      return undefined
    }
    return () => {
      gate.leave()
      end()
    }
  }
  const ask =
    (isRead: boolean): Ask =>
    <A, E, R>(session: Session, use: Effect.Effect<A, E, R | UpstreamPorts>) => {
      const asked = Effect.gen(function* () {
        const { language } = yield* Caller
        const ports = yield* RcMap.get(pool, Redacted.value(session.upstreamToken))
        const as = Context.add(ports, Caller, { ...Context.get(ports, Caller), language })
        return yield* Effect.provideContext(use, as) as Effect.Effect<A, E, Exclude<R, UpstreamPorts>>
      }).pipe(Effect.scoped, gate.run)
      const { hedgeAfter } = options
      const sent =
        isRead && hedgeAfter !== undefined
          ? Effect.raceFirst(asked, Effect.delay(Effect.andThen(countHedge, asked), hedgeAfter))
          : asked
      return Effect.mapError(sent, (error) => {
        if (!isInvalidToken(error)) return error as Exclude<E, InvalidToken> | BackendError
        if (session.own === undefined) return new BackendError({ reason: "Internal", cause: error })
        // A caller of such a token is asked for again what it may, before anything of it is answered from the cache.
        session.own.verifiedMs = Number.NEGATIVE_INFINITY
        return new InvalidToken({ reason: "invalid" })
      })
    }
  return Upstream.of({ read: ask(true), write: ask(false), relay })
})

export const layer = (options: UpstreamOptions): Layer.Layer<Upstream> => Layer.effect(Upstream)(make(options))
