/** `/openapi.json` and the interactive reference at `/docs`, both made from the definition, both without the internet. */
import { ServerApi } from "@bookio-kit/core/api/BookioApi"
import { openApiDocument } from "@bookio-kit/core/api/Document"
import * as Effect from "effect/Effect"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as OpenApi from "effect/http-api/OpenApi"
import * as Layer from "effect/Layer"

// The page runs the viewer's own script and talks to this server only, whatever that script would like to load.
const contentSecurityPolicy =
  "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval'; style-src 'unsafe-inline'; img-src data: 'self'; font-src data:; connect-src 'self'"

// Nothing of the viewer's maker: no fonts, no account, no links to services that are not ours.
const viewer = {
  withDefaultFonts: false,
  authentication: { preferredSecurityScheme: "bearer" },
  showDeveloperTools: "never",
  hideClientButton: true
}

// The viewer makes the document itself; it is to show the one that is served.
const documented = ServerApi.annotate(OpenApi.Transform, openApiDocument)

// Three megabytes of viewer, loaded when someone looks at it for the first time.
const page = Effect.gen(function* () {
  const scalar = yield* Effect.promise(() => import("effect/http-api/HttpApiScalar"))
  const router = yield* HttpRouter.make
  yield* Effect.scoped(
    Layer.build(scalar.layer(documented, { scalar: viewer })).pipe(Effect.provideService(HttpRouter.HttpRouter, router))
  )
  const response = yield* router.asHttpEffect()
  return HttpServerResponse.setHeader(response, "content-security-policy", contentSecurityPolicy)
})

export const layer = HttpRouter.use(
  Effect.fnUntraced(function* (router) {
    const document = yield* Effect.cached(Effect.sync(() => HttpServerResponse.jsonUnsafe(openApiDocument())))
    yield* router.add("GET", "/openapi.json", document)
    let made: HttpServerResponse.HttpServerResponse | undefined
    yield* router.add(
      "GET",
      "/docs",
      Effect.suspend(() =>
        made === undefined
          ? Effect.tap(page, (response) =>
              Effect.sync(() => {
                made = response
              })
            )
          : Effect.succeed(made)
      )
    )
    yield* router.add("GET", "/", HttpServerResponse.redirect("/docs"))
  })
)
