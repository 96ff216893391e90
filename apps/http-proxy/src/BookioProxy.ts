/** `bookio-proxy` as one layer: settings, logs, the engine, its seed, the server, and what it says when it is ready. */
import { readSettings, type Values } from "@bookio-kit/core/settings/Settings"
import type { Take } from "@bookio-kit/gateway/Front"
import { Closing } from "@bookio-kit/server/Closing"
import * as KnownAnswers from "@bookio-kit/server/KnownAnswers"
import * as Server from "@bookio-kit/server/Server"
import * as Delivery from "@bookio-kit/webhooks/Delivery"
import * as Sender from "@bookio-kit/webhooks/Sender"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import * as Latch from "effect/Latch"
import * as Layer from "effect/Layer"
import { banner } from "./Banner.ts"
import * as Listener from "./Listener.ts"
import * as Logging from "./Logging.ts"
import * as ProcessMetrics from "./ProcessMetrics.ts"
import * as Seeding from "./Seeding.ts"
import { remoteSettings, settings } from "./Settings.ts"
import * as Storage from "./Storage.ts"
import * as Telemetry from "./Telemetry.ts"

type Given = Values<typeof settings>

// The files that hold patients' data are for the user that runs the server only.
const privateFiles = Layer.effectDiscard(Effect.sync(() => process.umask(0o077)))

// One line, which supervisors and tests wait for, and for a demonstration what a newcomer needs next.
const announce = (isDemo: boolean) =>
  Layer.effectDiscard(
    HttpServer.addressFormattedWith((url) =>
      Effect.sync(() => {
        process.stdout.write(`listening on ${url}\n${isDemo ? banner(url) : ""}`)
      })
    )
  )

const serve = <A, E, R>(routes: Layer.Layer<A, E, R>, { host, port }: Given, isDemo = false, take?: Take) => {
  const closing = Latch.makeUnsafe()
  return announce(isDemo).pipe(
    Layer.provideMerge(HttpRouter.serve(routes, Server.serveOptions)),
    Layer.provide(Layer.succeed(Closing)(closing)),
    Layer.provide(Listener.layer(host, port, () => closing.openUnsafe(), take)),
    Layer.provide(KnownAnswers.layer)
  )
}

const embedded = Effect.fnUntraced(function* (given: Given) {
  const { auditDays, database, host, seed: source, webhookLoopback } = given
  // All that can be known to be wrong is told before the database is made.
  const named = source === undefined ? undefined : yield* Seeding.readSeed(source, host)
  const serving = serve(Server.layer, given, named?.seed.demo === true)
  const seeded = named === undefined ? serving : Layer.unwrap(Effect.as(Seeding.apply(named), serving))
  const webhooks = Delivery.layer().pipe(Layer.provide(Sender.layer()))
  return Layer.provide(Layer.merge(seeded, webhooks), Storage.layer({ ...database, auditDays, webhookLoopback }))
})

const remote = Effect.fnUntraced(function* (given: Given) {
  const values = yield* readSettings(remoteSettings)
  // Loaded only where it is used: most of the start is loading.
  const [Headers, Remote] = yield* Effect.promise(() =>
    Promise.all([import("@bookio-kit/gateway/Headers"), import("./Remote.ts")])
  )
  // What is built first stands outermost, so that every answer has the headers.
  const routes = Layer.provideMerge(Server.layer, Layer.provideMerge(Headers.layer, Remote.requestIds))
  const serving = Layer.unwrap(Effect.map(Remote.front, (take) => serve(routes, given, false, take)))
  return Layer.provide(serving, Remote.layer(values, given))
})

const backends = { embedded, remote }

/** Everything, from the environment. @errors `SettingsError` for whatever is wrong with the settings. */
export const layer = Layer.unwrap(
  Effect.gen(function* () {
    const given = yield* readSettings(settings)
    const { logFormat, logLevel, otlpEndpoint, otlpHeaders } = given
    const serving = yield* backends[given.backend](given)
    return serving.pipe(
      Layer.provide(ProcessMetrics.layer),
      Layer.provide(Telemetry.layer({ endpoint: otlpEndpoint, headers: otlpHeaders })),
      Layer.provide(Logging.layer({ level: logLevel, format: logFormat })),
      Layer.provide(privateFiles)
    )
  })
)
