import { readFileSync } from "node:fs"
import { expect, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as HttpServer from "effect/http/HttpServer"
import * as Layer from "effect/Layer"
import { server } from "./Compose.ts"

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8")

it("the README shows the composition that is compiled", () => {
  const shown = /```ts\n([\s\S]*?)```/.exec(read("../README.md"))?.[1]
  expect(read("./Compose.ts").split("\n").slice(1).join("\n")).toBe(shown)
})

it.live("the composition serves", () =>
  Effect.gen(function* () {
    const url = yield* HttpServer.addressFormattedWith(Effect.succeed)
    const answer = yield* Effect.promise(() => fetch(`${url}/readyz`))
    expect([answer.status, yield* Effect.promise(() => answer.text())]).toEqual([200, '{"status":"ready"}'])
  }).pipe(Effect.provide(server.pipe(Layer.orDie)))
)
