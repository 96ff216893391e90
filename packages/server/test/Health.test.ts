import { BackendError } from "@bookio-kit/core/error/BackendError"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { makeServer } from "./Support.ts"

it.effect(
  "/healthz answers whatever its backend does; /readyz only when it can serve; neither is kept in a cache",
  () =>
    Effect.gen(function* () {
      let isReady = true
      const check = Effect.suspend(() =>
        isReady ? Effect.void : Effect.fail(new BackendError({ reason: "Unreachable", cause: new Error("secret") }))
      )
      const { ask } = yield* makeServer({ readiness: { check } })
      for (const [ready, status, text] of [
        [true, 200, '{"status":"ready"}'],
        [false, 503, '{"status":"not ready"}'],
        [true, 200, '{"status":"ready"}']
      ] as const) {
        isReady = ready
        const readyz = yield* ask({ path: "//readyz", token: "" })
        expect([readyz.status, readyz.text]).toEqual([status, text])
        const healthz = yield* ask({ path: "//healthz", token: "" })
        expect([healthz.status, healthz.text, healthz.headers.get("cache-control")]).toEqual([
          200,
          '{"status":"ok"}',
          "no-store"
        ])
      }
    })
)
