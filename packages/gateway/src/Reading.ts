/**
 * What the ports' reads share: who asks, what they may ask for, and the key of a cached answer. The key names all that an
 * answer depends on, the upstream token by its digest.
 */
import { Caller } from "@bookio-kit/core/access/Caller"
import type { BackendError } from "@bookio-kit/core/error/BackendError"
import { PermissionDenied } from "@bookio-kit/core/error/Refusal"
import type { FacilityId } from "@bookio-kit/core/scalar/Id"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import { Cache, type Concerned } from "./Cache.ts"
import { Exchange } from "./Exchange.ts"
import { FacilityIndex } from "./FacilityIndex.ts"
import { countRead } from "./Metrics.ts"
import { reaches, type Session } from "./Session.ts"
import { Sessions } from "./Sessions.ts"
import { Upstream } from "./Upstream.ts"

/** For how long answers are given from the cache, in milliseconds. */
export class Lifetimes extends Context.Service<
  Lifetimes,
  {
    readonly facilitiesMs: number
    readonly calendarsMs: number
    /** Of reservations and blocked times. */
    readonly rowsMs: number
  }
>()("@bookio-kit/gateway/Lifetimes") {}

/** The services that all ports of a gateway are made of. */
export const parts = Effect.gen(function* () {
  return {
    cache: yield* Cache,
    index: yield* FacilityIndex,
    lifetimes: yield* Lifetimes,
    session: (yield* Sessions).current,
    upstream: yield* Upstream
  }
})
export type Parts = Effect.Success<typeof parts>

/** Refuses a facility that a request names and its session does not reach. */
export const allow = (session: Session, facilityId: FacilityId | undefined): Effect.Effect<void, PermissionDenied> =>
  facilityId === undefined || reaches(session, facilityId)
    ? Effect.void
    : Effect.fail(new PermissionDenied({ reason: "facility" }))

/** The facilities that a listing is of; absent where the upstream's own listing has them all. */
export const targetsOf = (
  session: Session,
  facilityId: FacilityId | undefined
): ReadonlyArray<FacilityId> | undefined =>
  facilityId !== undefined
    ? [facilityId]
    : session.facilities === undefined
      ? undefined
      : [...session.facilities].sort((a, b) => a - b)

/** A read through the cache. */
export interface CachedRead<A> {
  readonly operation: string
  readonly query: unknown
  readonly concerned: Concerned
  readonly lifetimeMs: number
  readonly mayBeStale: boolean
  readonly rows: (answer: A) => number
}

export const cached = Effect.fnUntraced(function* <A, E, R>(
  { cache }: Parts,
  session: Session,
  { operation, query, ...kept }: CachedRead<A>,
  fill: Effect.Effect<A, E | BackendError, R>
): Effect.fn.Return<A, E | BackendError, R | Caller> {
  const { language } = yield* Caller
  const { access, facilities, upstreamDigest } = session
  const reach = facilities === undefined ? "own" : [...facilities].sort((a, b) => a - b)
  const key = JSON.stringify([upstreamDigest, access, reach, operation, query, language])
  return yield* Effect.ensuring(
    cache.read({ key, ...kept }, fill),
    Effect.flatMap(Exchange, (exchange) => countRead(operation, exchange.cache))
  )
})
