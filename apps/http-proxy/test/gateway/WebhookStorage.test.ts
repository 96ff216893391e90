/** Webhooks of client keys, in a file that is opened again and again, as by processes one after another. */
import { createHash } from "node:crypto"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Authenticator } from "@bookio-kit/core/access/Authenticator"
import { type Access, Caller } from "@bookio-kit/core/access/Caller"
import { Events } from "@bookio-kit/core/event/Events"
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import { FacilityId } from "@bookio-kit/core/scalar/Id"
import { NewWebhook } from "@bookio-kit/core/webhook/Webhook"
import { WebhookDeliveries } from "@bookio-kit/core/webhook/WebhookDeliveries"
import { Webhooks } from "@bookio-kit/core/webhook/Webhooks"
import type { Key } from "@bookio-kit/gateway/Keys"
import * as Sessions from "@bookio-kit/gateway/Sessions"
import * as Upstream from "@bookio-kit/gateway/Upstream"
import { assert, it } from "@effect/vitest"
import { Effect, Layer, Redacted, Schema } from "effect"
import * as GatewayDatabase from "../../src/gateway/GatewayDatabase.ts"
import * as WebhookStorage from "../../src/gateway/WebhookStorage.ts"

const folder = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "bookio-webhooks-"))),
  (path) => Effect.sync(() => rmSync(path, { recursive: true }))
)

const inFile = <A, E, R>(use: (filename: string) => Effect.Effect<A, E, R>) =>
  Effect.scoped(Effect.flatMap(folder, (path) => use(join(path, "gateway.db"))))

const key = (name: string, access: Access = "admin"): readonly [string, Key] => [
  createHash("sha256").update(name).digest("hex"),
  {
    name,
    facilities: new Set([FacilityId.make(1)]),
    access,
    sync: false,
    upstreamToken: Redacted.make("token")
  }
]

/** Uses the webhooks as one process with these keys does. */
const process =
  (filename: string, keys: ReadonlyArray<readonly [string, Key]>, url = "https://a.example.com") =>
  <A, E>(use: Effect.Effect<A, E, Authenticator | Webhooks | WebhookDeliveries>) => {
    const sessions = Sessions.layer.pipe(
      Layer.provide(Upstream.layer({ connect: () => Effect.die("nothing is asked of the upstream") })),
      Layer.provide(Layer.succeed(Sessions.KeyRing)(Sessions.keyRing({ _tag: "Keys", keys: new Map(keys) })))
    )
    const ports = Layer.mergeAll(
      Layer.mock(Events)({ newest: Effect.undefined }),
      Layer.mock(Facilities)({ list: Effect.succeed([]) })
    )
    return Effect.provide(
      use,
      WebhookStorage.layer.pipe(
        Layer.provideMerge(sessions),
        Layer.provide([ports, GatewayDatabase.layer(filename, url)]),
        Layer.fresh
      )
    )
  }

const caller = (name: string) =>
  Effect.flatMap(Authenticator, ({ authenticate }) => authenticate(Redacted.make(name))).pipe(
    Effect.map((known) => Caller.of({ ...known, language: "en" }))
  )

const as =
  (name: string) =>
  <A, E, R>(use: (webhooks: Webhooks["Service"]) => Effect.Effect<A, E, R>) =>
    Effect.gen(function* () {
      return yield* Effect.provideService(use(yield* Webhooks), Caller, yield* caller(name))
    })

const create = ({ create }: Webhooks["Service"]) =>
  create(Schema.decodeSync(NewWebhook)({ url: "https://hook.example/in" }))
const list = ({ list }: Webhooks["Service"]) => Effect.map(list, (webhooks) => webhooks.map(({ id }) => Number(id)))

/** What there is to deliver, and for whom by the names of keys. */
const claimed = (...names: ReadonlyArray<string>) =>
  Effect.gen(function* () {
    const numbers = new Map<number, string>()
    for (const name of names) numbers.set((yield* caller(name)).channelId, name)
    const targets = yield* Effect.flatMap(WebhookDeliveries, ({ claim }) => claim("worker", 1000))
    return targets.map(({ channelId, webhookId }) => [Number(webhookId), numbers.get(channelId)] as const)
  })

it.effect("a webhook is its key's, in whatever order a later process meets the keys", () =>
  inFile((filename) =>
    Effect.gen(function* () {
      const first = process(filename, [key("one"), key("two")])
      yield* first(Effect.andThen(as("one")(create), as("two")(create)))
      const second = process(filename, [key("three"), key("two"), key("one")])
      yield* second(
        Effect.gen(function* () {
          assert.deepStrictEqual(yield* as("three")(list), [])
          assert.deepStrictEqual(yield* as("two")(list), [2])
          assert.deepStrictEqual(yield* as("one")(list), [1])
          assert.strictEqual(
            (yield* Effect.flip(as("three")(({ remove }) => remove(1 as never))))._tag,
            "ResourceNotFound"
          )
          assert.deepStrictEqual(yield* claimed("one", "two"), [
            [1, "one"],
            [2, "two"]
          ])
        })
      )
    })
  )
)

it.effect("a webhook rests while its key is away, or no longer admin, or another server is in front", () =>
  inFile((filename) =>
    Effect.gen(function* () {
      const url = "https://b.example.com"
      yield* process(filename, [key("one"), key("two")])(Effect.andThen(as("one")(create), as("two")(create)))
      const left = (...keys: ReadonlyArray<readonly [string, Key]>) => process(filename, keys)(claimed("two"))
      assert.deepStrictEqual(yield* left(key("two")), [[2, "two"]])
      assert.deepStrictEqual(yield* left(key("one", "write"), key("two")), [[2, "two"]])
      assert.deepStrictEqual(yield* process(filename, [key("one"), key("two")], url)(claimed("two")), [])
      assert.deepStrictEqual(yield* process(filename, [key("one")], url)(as("one")(list)), [])
      assert.deepStrictEqual(yield* process(filename, [key("one"), key("two")])(claimed("one", "two")), [
        [1, "one"],
        [2, "two"]
      ])
    })
  )
)
