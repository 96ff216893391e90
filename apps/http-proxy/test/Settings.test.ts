import { readSettings, type SettingsError } from "@bookio-kit/core/settings/Settings"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect } from "effect"
import { settings } from "../src/Settings.ts"

const read = (env: Record<string, string>) =>
  readSettings(settings).pipe(Effect.provideService(ConfigProvider.ConfigProvider, ConfigProvider.fromEnv({ env })))

describe("settings", () => {
  it.effect("have the documented defaults, also where a variable is empty", () =>
    Effect.gen(function* () {
      const defaults = {
        host: "127.0.0.1",
        port: 8080,
        backend: "embedded",
        database: { filename: "data/bookio.db" },
        auditDays: 365,
        webhookLoopback: false,
        logLevel: "info"
      } as const
      const empty = Object.fromEntries(Object.values(settings).map(({ name }) => [name, ""]))
      assert.deepStrictEqual<unknown>(yield* read({}), defaults)
      assert.deepStrictEqual<unknown>(yield* read(empty), defaults)
    })
  )

  it.effect("are read from the environment", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(
        yield* read({
          BOOKIO_PROXY_HOST: "::1",
          BOOKIO_PROXY_PORT: "0",
          BOOKIO_BACKEND: "remote",
          BOOKIO_DATABASE: "sqlite::memory:",
          BOOKIO_SEED: "clinics.json",
          BOOKIO_AUDIT_DAYS: "30",
          BOOKIO_WEBHOOK_LOOPBACK: "true",
          OTEL_EXPORTER_OTLP_ENDPOINT: "https://collector.example.com/otlp",
          OTEL_EXPORTER_OTLP_HEADERS: "authorization=Basic%20abc=, x-team=clinic",
          BOOKIO_LOG_LEVEL: "off",
          BOOKIO_LOG_FORMAT: "json"
        }),
        {
          host: "::1",
          port: 0,
          backend: "remote",
          database: { filename: ":memory:" },
          seed: "clinics.json",
          auditDays: 30,
          webhookLoopback: true,
          otlpEndpoint: new URL("https://collector.example.com/otlp"),
          otlpHeaders: { authorization: "Basic abc=", "x-team": "clinic" },
          logLevel: "off",
          logFormat: "json"
        }
      )
    })
  )

  it.effect("tell all problems at once, each with its name and what would be right", () =>
    Effect.gen(function* () {
      const env = { BOOKIO_PROXY_PORT: "65536", BOOKIO_DATABASE: "data.db", BOOKIO_LOG_LEVEL: "verbose" }
      const error: SettingsError = yield* Effect.flip(read(env))
      assert.deepStrictEqual(error.problems, [
        'BOOKIO_PROXY_PORT must be a whole number from 0 to 65535, not "65536"',
        'BOOKIO_DATABASE must be `sqlite:PATH` or `sqlite::memory:`, not "data.db"',
        'BOOKIO_LOG_LEVEL must be one of debug, info, warn, error, off, not "verbose"'
      ])
    })
  )

  it.effect("tell a wrong collector, and never what was given as its secret", () =>
    Effect.gen(function* () {
      for (const headers of ["secret", "a b=secret", "key=%FFsecret", "key=secret%0A"]) {
        const env = { OTEL_EXPORTER_OTLP_ENDPOINT: "ftp://host", OTEL_EXPORTER_OTLP_HEADERS: headers }
        const error: SettingsError = yield* Effect.flip(read(env))
        assert.deepStrictEqual(error.problems, [
          'OTEL_EXPORTER_OTLP_ENDPOINT must be an http or https URL, such as http://127.0.0.1:4318, not "ftp://host"',
          "OTEL_EXPORTER_OTLP_HEADERS must be NAME=VALUE, several separated by commas, values as in a URL"
        ])
      }
    })
  )
})
