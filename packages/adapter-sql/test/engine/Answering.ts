/** Writes as a server runs them: with the answer made inside, as the server's envelope. */
import { type Access, Caller } from "@bookio-kit/core/access/Caller"
import { type ApiError, toFailure, toWireError } from "@bookio-kit/core/api/Envelope"
import type { BackendError } from "@bookio-kit/core/error/BackendError"
import { IdempotencyKey } from "@bookio-kit/core/idempotency/IdempotencyKey"
import { ChannelId, TokenId } from "@bookio-kit/core/scalar/Id"
import { type Answer, type Write, Writes } from "@bookio-kit/core/write/Writes"
import { Effect } from "effect"

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text)
export const textOf = (body: Uint8Array): string => new TextDecoder().decode(body)

/** Success and refusals as answers; what the backend fails with stays a failure. */
export const answering = <A extends object, R>(
  effect: Effect.Effect<A, ApiError, R>
): Effect.Effect<Answer, BackendError, R> =>
  effect.pipe(
    Effect.map((data): Answer => ({ status: 200, body: bytes(JSON.stringify({ data })), ids: data })),
    Effect.catch((error) => {
      if (error._tag === "BackendError") return Effect.fail(error)
      const { errorCode, status } = toWireError(error, "r")
      return Effect.succeed<Answer>({
        status,
        ...(errorCode === undefined ? {} : { errorCode }),
        body: bytes(JSON.stringify(toFailure(error, "r", "en")))
      })
    })
  )

export interface Asked {
  readonly key?: string
  readonly body?: string
  readonly operation?: string
  readonly requestId?: string
  readonly ids?: Write["ids"]
}

/** Runs a write; by default one without a key. */
export const write = <A extends object, R>(asked: Asked, effect: Effect.Effect<A, ApiError, R>) =>
  Effect.gen(function* () {
    const writes = yield* Writes
    const { body = "", ids = {}, key, operation = "createReservation", requestId = "r" } = asked
    return yield* writes.run(
      {
        operation,
        requestId,
        ids,
        ...(key === undefined ? {} : { idempotency: { key: IdempotencyKey.make(key), body: bytes(body) } })
      },
      answering(effect)
    )
  })

/** Provides who asks, by channel and token; `null` for a program without one. */
export const by =
  (channel: number, token: number | null = channel, access: Access = "write") =>
  <A, E, R>(effect: Effect.Effect<A, E, R>) =>
    Effect.provideService(effect, Caller, {
      channelId: ChannelId.make(channel),
      ...(token === null ? {} : { tokenId: TokenId.make(token) }),
      access,
      language: "en"
    })
