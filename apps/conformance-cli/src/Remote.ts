/** The server of a run as a subject: its callers over HTTP, and what the second token is good for. */

import { randomBytes } from "node:crypto"
import { readFile } from "node:fs/promises"
import * as BookioRemote from "@bookio-kit/adapter-bookio/BookioRemote"
import { parseRouteOverrides } from "@bookio-kit/adapter-bookio/RouteOverrides"
import * as Subject from "@bookio-kit/conformance/Subject"
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import { ChannelId } from "@bookio-kit/core/scalar/Id"
import { SettingsError, type Values } from "@bookio-kit/core/settings/Settings"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import type { Options } from "./Options.ts"
import { settings } from "./Settings.ts"

const wrong = (problem: string) => new SettingsError({ problems: [problem] })

const readText = (path: string, name: string) =>
  Effect.tryPromise({ try: () => readFile(path, "utf8"), catch: () => wrong(`${name}: ${path} cannot be read`) })

const tokenOf = Effect.fnUntraced(function* (options: Options, values: Values<typeof settings>) {
  if (Option.isNone(options.tokenFile)) {
    return values.token ?? (yield* wrong("BOOKIO_TOKEN must be set, or --token-file be given"))
  }
  const text = (yield* readText(options.tokenFile.value, "--token-file")).trim()
  const token = Schema.decodeResult(settings.token.schema)(text)
  return Result.isSuccess(token)
    ? token.success
    : yield* wrong("--token-file must hold a token of visible ASCII characters")
})

const routesOf = Effect.fnUntraced(function* (path: string | undefined) {
  if (path === undefined) return {}
  const text = yield* readText(path, "BOOKIO_ROUTES")
  const json = yield* Effect.try({
    try: () => JSON.parse(text) as unknown,
    catch: () => wrong(`BOOKIO_ROUTES: ${path} is not valid JSON`)
  })
  const routes = parseRouteOverrides(json)
  if (Result.isSuccess(routes)) return routes.success
  return yield* new SettingsError({ problems: routes.failure.map((problem) => `BOOKIO_ROUTES: ${problem}`) })
})

const reached = <E, R>(party: Subject.PartyLayer<E, R>) =>
  Effect.provide(
    Effect.flatMap(Facilities, (port) => port.list),
    // Layers are shared by their identity, and each token's ports are made of the same ones.
    Layer.fresh(party)
  )

/**
 * The subject of a run.
 *
 * @errors `SettingsError` for a setting or file that is wrong; `SubjectError` where the server does not list the facility.
 */
export const subject = (options: Options, values: Values<typeof settings>) =>
  Layer.unwrap(
    Effect.gen(function* () {
      const routes = yield* routesOf(values.routes)
      const party = (token: Redacted.Redacted) =>
        Layer.merge(
          BookioRemote.layer({
            baseUrl: options.baseUrl,
            token,
            timeout: values.timeout,
            requestTimeout: values.requestTimeout,
            requestsPerMinute: values.requestsPerMinute,
            extensions: options.extensions,
            routes
          }),
          // The server knows who asks by the token; of this the client takes the language only.
          Subject.caller({ channelId: ChannelId.make(1), access: "write" })
        )
      const first = party(yield* tokenOf(options, values))
      const facilityId = Option.getOrUndefined(options.facility)
      const common = {
        first,
        intruder: party(Redacted.make(randomBytes(32).toString("base64url"))),
        clockToleranceMs: Duration.toMillis(options.clockTolerance),
        ...(facilityId === undefined ? {} : { facilityId })
      }
      if (values.token2 === undefined) return Subject.layer(common)
      const other = party(values.token2)
      const unusable = (error: { readonly message: string }) =>
        new Subject.SubjectError({ problem: `the facilities of a token cannot be listed: ${error.message}` })
      const target = facilityId ?? (yield* Effect.mapError(reached(first), unusable))[0]?.id
      const facilities = yield* Effect.mapError(reached(other), unusable)
      return facilities.some(({ id }) => id === target)
        ? Subject.layer({ ...common, second: other })
        : Subject.layer({ ...common, stranger: other })
    })
  )
