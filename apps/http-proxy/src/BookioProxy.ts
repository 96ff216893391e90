/** `bookio-proxy` as one layer: settings, logs, the engine, its seed, the server, and what it says when it is ready. */
import { readSettings } from "@bookio-kit/core/settings/Settings"
import * as Server from "@bookio-kit/server/Server"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import { banner } from "./Banner.ts"
import * as Listener from "./Listener.ts"
import * as Logging from "./Logging.ts"
import * as Seeding from "./Seeding.ts"
import { settings } from "./Settings.ts"
import * as Storage from "./Storage.ts"

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

/** Everything, from the environment. @errors `SettingsError` for whatever is wrong with the settings. */
export const layer = Layer.unwrap(
  Effect.gen(function* () {
    const { database, host, logFormat, logLevel, port, seed: source } = yield* readSettings(settings)
    // All that can be known to be wrong is told before the database is made.
    const named = source === undefined ? undefined : yield* Seeding.readSeed(source, host)
    const serving = announce(named?.seed.demo === true).pipe(
      Layer.provideMerge(HttpRouter.serve(Server.layer, Server.serveOptions)),
      Layer.provide(Listener.layer(host, port))
    )
    const seeded = named === undefined ? serving : Layer.unwrap(Effect.as(Seeding.apply(named), serving))
    return seeded.pipe(
      Layer.provide(Storage.layer(database)),
      Layer.provide(Logging.layer({ level: logLevel, format: logFormat })),
      Layer.provide(privateFiles)
    )
  })
)
