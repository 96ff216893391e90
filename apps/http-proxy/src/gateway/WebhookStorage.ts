/**
 * Webhooks of a gateway, in its database. A webhook is the client key's that made it, at one upstream server, and is delivered
 * while that key is in the table in force with access `admin`. `Sessions` numbers callers for as long as the process lives, so
 * a webhook's owner has a number of its own, and what is asked and delivered passes from one to the other here.
 */
import { Database } from "@bookio-kit/adapter-sql/database/Database"
import * as Deliveries from "@bookio-kit/adapter-sql/engine/WebhookDeliveries"
import * as Webhooks from "@bookio-kit/adapter-sql/engine/Webhooks"
import { ChannelId } from "@bookio-kit/core/scalar/Id"
import { WebhookDeliveries } from "@bookio-kit/core/webhook/WebhookDeliveries"
import { type Client, Sessions } from "@bookio-kit/gateway/Sessions"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as SqlClient from "effect/sql/SqlClient"
import { numberOf } from "./Credentials.ts"
import { UpstreamServer } from "./GatewayDatabase.ts"

interface Owner {
  readonly id: number
  readonly sha256: string
}

const ownersOf = Effect.fnUntraced(function* (serverId: number) {
  const sql = yield* SqlClient.SqlClient
  return yield* sql<Owner>`SELECT o.id, c.sha256 FROM webhook_owner o JOIN credential c ON c.id = o.client_id
    WHERE o.server_id = ${serverId}`
})

const addOwner = Effect.fnUntraced(function* (serverId: number, { name, sha256 }: Client) {
  const sql = yield* SqlClient.SqlClient
  const owner = { server_id: serverId, client_id: yield* numberOf(sha256, name) }
  yield* sql`INSERT INTO webhook_owner ${sql.insert(owner)} ON CONFLICT DO NOTHING`
})

const webhooks = Layer.unwrap(
  Effect.gen(function* () {
    const { read, write } = yield* Database
    const { id: serverId } = yield* UpstreamServer
    const { client } = yield* Sessions
    const find = (sha256: string) =>
      Effect.map(read(ownersOf(serverId)), (owners) => owners.find((owner) => owner.sha256 === sha256)?.id)
    const owner = Effect.gen(function* () {
      const asking = yield* client
      let id = yield* find(asking.sha256)
      if (id === undefined) {
        yield* write(addOwner(serverId, asking))
        id = yield* find(asking.sha256)
      }
      return ChannelId.make(id ?? (yield* Effect.die(new Error("a row that was written is not there"))))
    })
    return Webhooks.layerOwned(owner)
  })
)

const deliveries = Layer.effect(WebhookDeliveries)(
  Effect.gen(function* () {
    const stored = yield* WebhookDeliveries
    const { read } = yield* Database
    const { id: serverId } = yield* UpstreamServer
    const { callerOf } = yield* Sessions
    return WebhookDeliveries.of({
      ...stored,
      claim: Effect.fnUntraced(function* (worker, leaseMs) {
        const targets = yield* stored.claim(worker, leaseMs)
        if (targets.length === 0) return targets
        const owners = new Map((yield* read(ownersOf(serverId))).map(({ id, sha256 }) => [id, sha256]))
        return targets.flatMap((target) => {
          const sha256 = owners.get(target.channelId)
          const caller = sha256 === undefined ? undefined : callerOf(sha256)
          return caller?.access === "admin" ? [{ ...target, channelId: caller.channelId }] : []
        })
      })
    })
  })
).pipe(Layer.provide(Deliveries.layer))

/** The webhooks of the keys, and what delivers them has to do. */
export const layer = Layer.merge(webhooks, deliveries)
