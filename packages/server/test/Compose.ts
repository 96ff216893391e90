/** The composition that the README shows, word for word: type-checked here, and started by Readme.test.ts. */
import { createServer } from "node:http"
import * as Database from "@bookio-kit/adapter-sql/database/Database"
import * as Engine from "@bookio-kit/adapter-sql/Engine"
import * as AccessLog from "@bookio-kit/server/AccessLog"
import * as Server from "@bookio-kit/server/Server"
import * as NodeHttpServer from "@effect/platform-node/NodeHttpServer"
import * as HttpRouter from "effect/http/HttpRouter"
import * as Layer from "effect/Layer"

const backend = Engine.layer.pipe(Layer.provide(Database.layer({ filename: ":memory:" })))
const accessLog = AccessLog.layer({ format: "json", write: (lines) => process.stderr.write(lines) })
const listener = NodeHttpServer.layer(() => createServer({ maxHeaderSize: 16 * 1024, requestTimeout: 20_000 }), {
  host: "127.0.0.1",
  port: 0
})

export const server = HttpRouter.serve(Server.layer, Server.serveOptions).pipe(
  Layer.provide([backend, accessLog]),
  Layer.provideMerge(listener)
)
