/** The whole server over core's ports, as routes of an `HttpRouter`: the contract, its reference, health, metrics, and the edge. */
import { ServerApi } from "@bookio-kit/core/api/BookioApi"
import * as HttpApiBuilder from "effect/http-api/HttpApiBuilder"
import * as Layer from "effect/Layer"
import * as Authorization from "./Authorization.ts"
import * as Edge from "./Edge.ts"
import * as Handlers from "./Handlers.ts"
import * as Health from "./Health.ts"
import * as Metrics from "./Metrics.ts"
import * as Reference from "./Reference.ts"
import * as RequestForm from "./RequestForm.ts"

/**
 * How to serve the routes. The access log is ours; an id of any length is an id of the wrong form (errorCode 10) and not an
 * endpoint that does not exist, up to the limit of the headers.
 */
export const serveOptions = {
  disableLogger: true,
  disableListenLog: true,
  routerConfig: { maxParamLength: 16 * 1024 }
} as const

/** The routes; serve them by `HttpRouter.serve(Server.layer, Server.serveOptions)`. */
export const layer = Layer.mergeAll(
  HttpApiBuilder.layer(ServerApi).pipe(
    Layer.provide(Handlers.layer),
    Layer.provide([Authorization.layer, RequestForm.layer])
  ),
  Reference.layer,
  Health.layer,
  Metrics.layer,
  Edge.layer
)
