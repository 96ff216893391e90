/**
 * The callers of a gateway: keys by the table in force, or, with `passthrough`, tokens that the upstream has accepted. It
 * is the `Authenticator` of the server, so a rate is counted and refused before anything else of a request is looked at.
 */
import { Authenticator } from "@bookio-kit/core/access/Authenticator"
import { type Access, Caller } from "@bookio-kit/core/access/Caller"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { InvalidToken } from "@bookio-kit/core/error/Refusal"
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import { ChannelId } from "@bookio-kit/core/scalar/Id"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import { digestOf, digestOfText } from "./Digest.ts"
import { Exchange } from "./Exchange.ts"
import type { Key, KeyTable } from "./Keys.ts"
import { countRefusal } from "./Metrics.ts"
import type { Session } from "./Session.ts"
import { makeTokenBucket, type Rate, type TokenBucket } from "./TokenBucket.ts"
import { Upstream } from "./Upstream.ts"

/** The table in force, which may be replaced while the gateway serves: a key that is no longer in it is refused at once. */
export class KeyRing extends Context.Service<
  KeyRing,
  { readonly current: () => KeyTable; readonly replace: (table: KeyTable) => void }
>()("@bookio-kit/gateway/KeyRing") {}

/** A ring that begins with a table. */
export const keyRing = (table: KeyTable): KeyRing["Service"] => {
  let current = table
  return {
    current: () => current,
    replace: (next) => {
      current = next
    }
  }
}

/** A caller as the log of writes knows it. */
export interface Client {
  /** SHA-256 of its key, or of the upstream token that it brought; 64 hexadecimal digits. */
  readonly sha256: string
  /** What people call its key; absent for a token that a caller brought. */
  readonly name?: string
  readonly session: Session
}

/** A caller whose token needs no asking, and the bucket of its rate. */
export interface Known {
  readonly sha256: string
  readonly channelId: ChannelId
  readonly session: Session
  readonly bucket: TokenBucket | undefined
}

export class Sessions extends Context.Service<
  Sessions,
  {
    /** The session of the request's caller. @errors `InvalidToken` where its key was revoked since it was let in. */
    readonly current: Effect.Effect<Session, InvalidToken, Caller>
    /** Who that is. @errors as `current`. */
    readonly client: Effect.Effect<Client, InvalidToken, Caller>
    /** As whom the owner of a key asks, by the key's SHA-256; absent where it is not in the table in force. */
    readonly callerOf: (sha256: string) => { readonly channelId: ChannelId; readonly access: Access } | undefined
    /**
     * Who a token belongs to, where `authenticate` would let it in at once, its rate aside; nothing is counted.
     *
     * @param nowMs - Unix time in milliseconds.
     */
    readonly known: (token: string, nowMs: number) => Known | undefined
  }
>()("@bookio-kit/gateway/Sessions") {}

// How long a token that callers bring is taken for valid, and for not valid, without asking again.
const verifiedForMs = 60_000
const refusedForMs = 10_000
// While the upstream fails, a token that it accepted within this time gets what the cache may give, after a short wait.
const graceMs = 3_600_000
const graceWait = "2 seconds"
// How many tokens that callers bring are remembered.
const ownLimit = 10_000

/** The session of whoever has a key. */
export const sessionOf = (key: Key): Session => ({
  upstreamToken: key.upstreamToken,
  upstreamDigest: digestOf(key.upstreamToken),
  access: key.access,
  facilities: key.facilities,
  sync: key.sync,
  own: undefined
})

const invalid = new InvalidToken({ reason: "invalid" })

/** Puts an entry at the end of a map that keeps the latest ones. */
const remember = <K, V>(map: Map<K, V>, key: K, value: V) => {
  // While there is much room the order does not matter.
  if (map.size < ownLimit / 2 && map.get(key) === value) return
  map.delete(key)
  map.set(key, value)
  const [oldest] = map.keys()
  if (map.size > ownLimit && oldest !== undefined) map.delete(oldest)
}

const make = Effect.gen(function* () {
  const ring = yield* KeyRing
  const upstream = yield* Upstream
  const numbers = new Map<string, ChannelId>()
  const digests = new Map<ChannelId, string>()
  const buckets = new Map<string, TokenBucket>()
  const owned = new Map<string, Session>()
  const refused = new Map<string, number>()
  const sessions = new WeakMap<Key, Session>()
  let lastNumber = 0

  const numberOf = (digest: string): ChannelId => {
    const known = numbers.get(digest)
    const number = known ?? ChannelId.make(++lastNumber)
    remember(numbers, digest, number)
    remember(digests, number, digest)
    return number
  }

  const sessionBy = (digest: string): Session | undefined => {
    const table = ring.current()
    if (table._tag === "Passthrough") return owned.get(digest)
    const key = table.keys.get(digest)
    if (key === undefined) return undefined
    const known = sessions.get(key)
    if (known !== undefined) return known
    const session = sessionOf(key)
    sessions.set(key, session)
    return session
  }

  const bucketOf = (digest: string, rate: Rate): TokenBucket => {
    const known = buckets.get(digest)
    const isSame = known?.rate.burst === rate.burst && known.rate.requestsPerSecond === rate.requestsPerSecond
    const bucket = known !== undefined && isSame ? known : makeTokenBucket(rate)
    remember(buckets, digest, bucket)
    return bucket
  }

  const count = Effect.fnUntraced(function* (digest: string, rate: Rate | undefined) {
    const exchange = yield* Exchange
    if (rate === undefined || exchange.isCounted) return
    const { retryAfterMs, state } = bucketOf(digest, rate).take(yield* Clock.currentTimeMillis)
    exchange.rate = state
    if (retryAfterMs === undefined) return
    yield* countRefusal("rate")
    return yield* new BackendError({ reason: "RateLimited", retryAfterMs })
  })

  /** Lets the upstream decide about a token that a caller brought, unless it did so a short time ago. */
  const verify = Effect.fnUntraced(function* (token: Redacted.Redacted, digest: string) {
    const nowMs = yield* Clock.currentTimeMillis
    const known = owned.get(digest)
    if (known?.own !== undefined && nowMs - known.own.verifiedMs < verifiedForMs) return known
    if (nowMs < (refused.get(digest) ?? 0)) return yield* invalid
    const session: Session = known ?? {
      upstreamToken: token,
      upstreamDigest: digest,
      // The upstream decides what it may.
      access: "write",
      facilities: undefined,
      sync: true,
      own: { verifiedMs: Number.NEGATIVE_INFINITY }
    }
    const hasGrace = nowMs - (known?.own?.verifiedMs ?? Number.NEGATIVE_INFINITY) < graceMs
    const asking = upstream
      .read(
        session,
        Effect.flatMap(Facilities, ({ list }) => list)
      )
      .pipe(Effect.provideService(Caller, { channelId: ChannelId.make(1), access: "write", language: "en" }))
    const asked = yield* Effect.result(
      hasGrace
        ? Effect.timeoutOrElse(asking, {
            duration: graceWait,
            orElse: () => Effect.fail(new BackendError({ reason: "Timeout" }))
          })
        : asking
    )
    if (Result.isFailure(asked)) {
      if (asked.failure._tag === "InvalidToken") {
        owned.delete(digest)
        remember(refused, digest, nowMs + refusedForMs)
        return yield* invalid
      }
      if (hasGrace) return session
      return yield* asked.failure
    }
    if (session.own !== undefined) session.own.verifiedMs = nowMs
    remember(owned, digest, session)
    return session
  })

  const authenticate: Authenticator["Service"]["authenticate"] = Effect.fn("Gateway.authenticate")(function* (
    token,
    { isAgain = false } = {}
  ) {
    if (Redacted.value(token) === "") return yield* new InvalidToken({ reason: "missing" })
    const table = ring.current()
    const digest = digestOf(token)
    if (table._tag === "Passthrough") {
      if (!isAgain) yield* count(digest, table.rate)
      const { access } = yield* verify(token, digest)
      return { channelId: numberOf(digest), access }
    }
    const key = table.keys.get(digest)
    if (key === undefined) return yield* invalid
    if (!isAgain) yield* count(digest, key.rate)
    return { channelId: numberOf(digest), access: key.access }
  })

  const client = Effect.gen(function* () {
    const { channelId } = yield* Caller
    const sha256 = digests.get(channelId)
    const session = sha256 === undefined ? undefined : sessionBy(sha256)
    if (sha256 === undefined || session === undefined) return yield* invalid
    const table = ring.current()
    const name = table._tag === "Keys" ? table.keys.get(sha256)?.name : undefined
    return name === undefined ? { sha256, session } : { sha256, name, session }
  })
  const current = Effect.map(client, ({ session }) => session)

  const callerOf = (sha256: string) => {
    const table = ring.current()
    const key = table._tag === "Keys" ? table.keys.get(sha256) : undefined
    return key === undefined ? undefined : { channelId: numberOf(sha256), access: key.access }
  }

  const known: Sessions["Service"]["known"] = (token, nowMs) => {
    const sha256 = digestOfText(token)
    const session = sessionBy(sha256)
    if (session === undefined) return undefined
    if (session.own !== undefined && nowMs - session.own.verifiedMs >= verifiedForMs) return undefined
    const table = ring.current()
    const rate = table._tag === "Passthrough" ? table.rate : table.keys.get(sha256)?.rate
    const bucket = rate === undefined ? undefined : bucketOf(sha256, rate)
    return { sha256, channelId: numberOf(sha256), session, bucket }
  }

  return Context.make(Sessions, { client, current, callerOf, known }).pipe(Context.add(Authenticator, { authenticate }))
})

export const layer: Layer.Layer<Sessions | Authenticator, never, KeyRing | Upstream> = Layer.effectContext(make)
