import { readSettings } from "@bookio-kit/core/settings/Settings"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Duration, Effect, Redacted } from "effect"
import { optionsOf, settings } from "../src/Settings.ts"

const from = (env: { readonly [name: string]: string }) =>
  Effect.provideService(readSettings(settings), ConfigProvider.ConfigProvider, ConfigProvider.fromUnknown(env))

describe("settings", () => {
  it.effect("have defaults for all but the token", () =>
    Effect.gen(function* () {
      const values = yield* from({})
      assert.isUndefined(values.token)
      const options = optionsOf(values, Redacted.make("t"), {})
      assert.strictEqual(options.baseUrl, "https://medic.bookio.com/public/api/v1")
      assert.strictEqual(options.timeout && Duration.toMillis(options.timeout), 30_000)
      assert.deepInclude(options, { requestsPerMinute: 600, extensions: false })
    })
  )
  it.effect("are read", () =>
    Effect.gen(function* () {
      const { extensions, requestTimeout, token } = yield* from({
        BOOKIO_TOKEN: "abc",
        BOOKIO_REQUEST_TIMEOUT: "250 millis",
        BOOKIO_EXTENSIONS: "true"
      })
      assert.strictEqual(token && Redacted.value(token), "abc")
      assert.deepStrictEqual([Duration.toMillis(requestTimeout), extensions], [250, true])
    })
  )
  it.effect("are told what is wrong with them, but for a token, which is never shown", () =>
    Effect.gen(function* () {
      const error = yield* Effect.flip(
        from({ BOOKIO_TOKEN: "planted secret", BOOKIO_TIMEOUT: "soon", BOOKIO_REQUESTS_PER_MINUTE: "0" })
      )
      assert.deepStrictEqual(error.problems, [
        "BOOKIO_TOKEN must be a token of visible ASCII characters",
        'BOOKIO_TIMEOUT must be a time such as `5 seconds`, from 10 millis to 1 hour, not "soon"',
        'BOOKIO_REQUESTS_PER_MINUTE must be a whole number from 1 to 1000000, not "0"'
      ])
    })
  )
})
