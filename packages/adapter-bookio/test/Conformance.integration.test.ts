/** The backend over HTTP keeps every law of the API, against a server that listens. */
import * as Subject from "@bookio-kit/conformance/Subject"
import { conformance } from "@bookio-kit/conformance/vitest"
import { ChannelId } from "@bookio-kit/core/scalar/Id"
import { Effect, Layer, Redacted } from "effect"
import { furnish, remote, server, shared, tokenOf } from "./Support.ts"

const subject = Layer.unwrap(
  Effect.gen(function* () {
    const { baseUrl, services } = yield* server
    yield* Effect.provide(furnish, services)
    // Who asks is known to the server by the token; the ports look at the language only.
    const party = (token: string) =>
      Layer.merge(
        Layer.fresh(remote(baseUrl, { token: Redacted.make(token) })),
        Subject.caller({ channelId: ChannelId.make(1), access: "write" })
      )
    return Subject.layer({
      first: party(tokenOf("first-write")),
      second: party(tokenOf("second-write")),
      stranger: party(tokenOf("stranger-write")),
      booker: party(tokenOf("second-book")),
      reader: party(tokenOf("first-read")),
      intruder: party("wrong"),
      facilityId: shared
    })
  })
)

conformance("the engine behind HTTP", subject)
