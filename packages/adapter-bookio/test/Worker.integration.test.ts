/** The backend in a worker that has fetch and nothing of Node. */
import { once } from "node:events"
import { Worker } from "node:worker_threads"
import { assert, it } from "@effect/vitest"
import { Effect } from "effect"
import { server, tokenOf } from "./Support.ts"

it.live("works where there is fetch and nothing of Node", () =>
  Effect.gen(function* () {
    const { baseUrl } = yield* server
    const worker = yield* Effect.acquireRelease(
      Effect.sync(
        () =>
          new Worker(new URL("./fixtures/worker.ts", import.meta.url), {
            workerData: { baseUrl, token: tokenOf("first-read") },
            // Not what the tests' runner adds for itself.
            execArgv: []
          })
      ),
      (worker) => Effect.promise(() => worker.terminate())
    )
    const [told] = yield* Effect.promise(() => once(worker, "message"))
    assert.deepStrictEqual(told.names, ["Facility shared", "Facility other"], told.error)
    assert.isAbove(told.modules, 20)
  }).pipe(Effect.scoped)
)
