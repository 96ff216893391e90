/** Liveness and readiness, for supervisors: no token, no envelope, nothing but a status. */
import { Readiness } from "@bookio-kit/core/health/Readiness"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"

const status = (text: string, code = 200) =>
  HttpServerResponse.jsonUnsafe({ status: text }, { status: code, headers: { "cache-control": "no-store" } })

/** `/healthz`: the process answers. `/readyz`: its backend does too, else 503. */
export const layer = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const readiness = yield* Readiness
    yield* router.add("GET", "/healthz", status("ok"))
    yield* router.add(
      "GET",
      "/readyz",
      Effect.match(readiness.check, { onSuccess: () => status("ready"), onFailure: () => status("not ready", 503) })
    )
  })
)
