import { make, layer as subjectLayer } from "@bookio-kit/conformance/practice/PracticeSubject"
import { practiceConformance } from "@bookio-kit/conformance/practice/vitest"
import { notInstalled, startRadicale } from "@bookio-kit/radicale/Radicale"
import { NodeHttpClient } from "@effect/platform-node"
import { Effect, Layer, Redacted } from "effect"
import { FetchHttpClient } from "effect/http"
import { describe, it } from "vitest"
import * as CalDavCalendar from "../../src/CalDavCalendar.ts"
import { type Habits, startFakeDav } from "./FakeDav.ts"

const radicale = Effect.acquireRelease(Effect.promise(startRadicale), ({ stop }) => Effect.promise(stop))

const overRadicale = Effect.gen(function* () {
  const { password, url, username, calendarUrl } = yield* radicale
  const calendar = yield* CalDavCalendar.make({
    url,
    calendar: "Ordinácia",
    username,
    password: Redacted.make(password)
  })
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`
  const ask = (method: string, target: string, body?: string) =>
    Effect.promise(async () => {
      const answer = await fetch(target, {
        method,
        headers: { authorization, "content-type": "text/calendar; charset=utf-8" },
        ...(body === undefined ? {} : { body })
      })
      if (method === "PUT" && !answer.ok) throw new Error(`radicale refuses ${target} with ${answer.status}`)
      return await answer.text()
    })
  const at = (href: string) => new URL(href, url).href
  return make(calendar, {
    tokens: "changes",
    takesMalformed: false,
    raw: {
      put: (name, text) => Effect.as(ask("PUT", `${calendarUrl}${name}`, text), new URL(name, calendarUrl).pathname),
      get: (href) => ask("GET", at(href)),
      remove: (href) => Effect.asVoid(ask("DELETE", at(href)))
    }
  })
})

if (notInstalled !== undefined) {
  describe("radicale", () => {
    it("keeps the laws", ({ skip }) => skip(notInstalled))
  })
} else {
  practiceConformance("radicale", subjectLayer(overRadicale).pipe(Layer.provide(NodeHttpClient.layerUndici)))
}

const overFake = (habits: Partial<Habits>) =>
  Effect.gen(function* () {
    const server = yield* Effect.acquireRelease(
      Effect.promise(() => startFakeDav(habits)),
      ({ stop }) => Effect.promise(stop)
    )
    const calendar = yield* CalDavCalendar.make({ url: `${server.url}/cal/` })
    const nameOf = (href: string) => decodeURIComponent(href.slice("/cal/".length))
    return make(calendar, {
      tokens: server.habits.tokens === "sync" ? "changes" : server.habits.tokens === "ctag" ? "whole" : "none",
      raw: {
        put: (name, text) =>
          Effect.as(
            Effect.sync(() => server.put(name, text)),
            `/cal/${name}`
          ),
        get: (href) => Effect.sync(() => server.objects.get(nameOf(href)) ?? ""),
        remove: (href) => Effect.sync(() => server.remove(nameOf(href)))
      }
    })
  })

practiceConformance(
  "a server with ctag, weak ETags, and none in the answer to a PUT",
  subjectLayer(overFake({ tokens: "ctag", etags: "weak", etagOnPut: false })).pipe(
    Layer.provide(NodeHttpClient.layerUndici)
  )
)

practiceConformance(
  "a server with neither tokens nor ETags",
  subjectLayer(overFake({ tokens: "none", etags: "none" })).pipe(Layer.provide(FetchHttpClient.layer))
)

practiceConformance(
  "a server that tells three changes at a time and cuts its listings short",
  subjectLayer(overFake({ tokens: "sync", syncLimit: 3, listingIsTruncated: true })).pipe(
    Layer.provide(FetchHttpClient.layer)
  )
)
