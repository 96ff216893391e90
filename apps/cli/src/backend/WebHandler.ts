/** The server's own handlers over the engine, in this process: what `bookio api` asks on a database. */
import * as Engine from "@bookio-kit/adapter-sql/Engine"
import { Authenticator } from "@bookio-kit/core/access/Authenticator"
import { Caller } from "@bookio-kit/core/access/Caller"
import { LoopbackAllowed } from "@bookio-kit/core/webhook/WebhookUrl"
import { AccessLog } from "@bookio-kit/server/AccessLog"
import * as Server from "@bookio-kit/server/Server"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import type { EmbeddedTarget } from "../Target.ts"
import { callerLayer, databaseLayer } from "./Embedded.ts"

/** Opens the database, and answers requests until the scope ends. @errors as the ports of an engine. */
export const webHandler = Effect.fnUntraced(function* (target: EmbeddedTarget) {
  const engine = yield* Layer.build(
    callerLayer(target).pipe(
      Layer.provideMerge(Engine.layer),
      Layer.provide(Layer.succeed(LoopbackAllowed)(false)),
      Layer.provide(databaseLayer(target.filename))
    )
  )
  // Who it is was found out already, be it by a token or by the file.
  const caller = Context.get(engine, Caller)
  const known = Context.add(engine, Authenticator, { authenticate: () => Effect.succeed(caller) })
  const { dispose, handler } = HttpRouter.toWebHandler(
    Server.layer.pipe(
      Layer.provide([
        Layer.succeedContext(known),
        HttpServer.layerServices,
        Layer.succeed(AccessLog)({ write: () => {} })
      ])
    ),
    Server.serveOptions
  )
  yield* Effect.addFinalizer(() => Effect.promise(dispose))
  return (request: Request) => handler(request)
})
