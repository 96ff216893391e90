/** A client of a gateway, over two hops, keeps every law of the API: with tokens of its own, and with the gateway's keys. */
import * as Subject from "@bookio-kit/conformance/Subject"
import { conformance } from "@bookio-kit/conformance/vitest"
import { ChannelId } from "@bookio-kit/core/scalar/Id"
import { Effect, Layer, Redacted } from "effect"
import type { KeyTable } from "../src/Keys.ts"
import { clientOf, gatewayServer, upstream } from "./Stack.ts"
import * as It from "./Support.ts"

const { one, two } = It

/** A few records, for laws that only read. */
const furnish = Effect.forEach(
  [1, 2, 3, 4, 5],
  (n) => Effect.all([It.book(It.booking(n, one)), It.block(It.blocking(n, one))]),
  { discard: true }
)

const subject = (table: KeyTable, names: { readonly [party: string]: string }) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const behind = yield* upstream
      const { url } = yield* gatewayServer(behind.url, table)
      // Who asks is known to the server by the token; the ports look at the language only.
      const party = (name: string) =>
        Layer.merge(
          Layer.fresh(clientOf(url, Redacted.make(It.tokenOf(name)))),
          Subject.caller({ channelId: ChannelId.make(1), access: "write" })
        )
      const parties = Object.fromEntries(Object.entries(names).map(([key, name]) => [key, party(name)]))
      const first = party(names.first ?? "")
      yield* Effect.provide(furnish, first)
      return Subject.layer({ ...parties, first, facilityId: one })
    }).pipe(Effect.orDie)
  )

conformance(
  "a gateway that passes tokens through",
  subject(
    { _tag: "Passthrough" },
    {
      first: "first-write",
      second: "second-write",
      stranger: "stranger-write",
      booker: "second-book",
      reader: "first-read",
      intruder: "nobody"
    }
  )
)

const upstreamToken = (name: string) => ({ upstreamToken: Redacted.make(It.tokenOf(name)), sync: true })

// Whoever books by a key of access `book` does not list (issue 3), so there is no party of that name.
conformance(
  "a gateway with keys of its own",
  subject(
    It.keys(
      It.key("practice", { ...upstreamToken("first-write"), facilities: new Set([one, two]) }),
      It.key("partner", { ...upstreamToken("second-write"), facilities: new Set([one]) }),
      It.key("outsider", { ...upstreamToken("stranger-write"), facilities: new Set([two]) }),
      It.key("reader", { access: "read" })
    ),
    { first: "practice", second: "partner", stranger: "outsider", reader: "reader", intruder: "first-write" }
  )
)
