/** The settings of `bookio-proxy`. */
import * as BookioSettings from "@bookio-kit/adapter-bookio/Settings"
import { check, whole } from "@bookio-kit/core/scalar/Check"
import { BooleanText, fromDecimal } from "@bookio-kit/core/scalar/Parameters"
import { setting } from "@bookio-kit/core/settings/Settings"
import * as GatewaySettings from "@bookio-kit/gateway/Settings"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"

const DatabaseUrl = Schema.String.check(Schema.isPattern(/^sqlite:.+$/)).pipe(
  Schema.decodeTo(
    Schema.Struct({ filename: Schema.NonEmptyString }),
    SchemaTransformation.transform({
      decode: (url: string) => ({ filename: url.slice("sqlite:".length) }),
      encode: ({ filename }: { readonly filename: string }) => `sqlite:${filename}`
    })
  )
)

const headersOf = (list: string): { readonly [name: string]: string } =>
  Object.fromEntries(
    list.split(",").map((pair) => {
      const [name = "", ...value] = pair.trim().split("=")
      return [name, decodeURIComponent(value.join("="))]
    })
  )

const isHeaderList = (list: string): boolean => {
  if (!list.split(",").every((pair) => /^[\w-]+=\S*$/.test(pair.trim()))) return false
  try {
    return Object.values(headersOf(list)).every((value) => /^[ -~]*$/.test(value))
  } catch {
    return false
  }
}

// As the specification of OpenTelemetry has it: W3C baggage without properties.
const HeaderList = Schema.String.check(check(isHeaderList, "invalid")).pipe(
  Schema.decodeTo(
    Schema.Record(Schema.String, Schema.String),
    SchemaTransformation.transform({
      decode: headersOf,
      encode: (headers: { readonly [name: string]: string }) =>
        Object.entries(headers)
          .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
          .join(",")
    })
  )
)

export const settings = {
  host: setting({
    name: "BOOKIO_PROXY_HOST",
    description: "The address to listen on.",
    expects: "a host name or IP address",
    fallback: "127.0.0.1",
    schema: Schema.String.check(Schema.isPattern(/^[\w.:%-]{1,253}$/))
  }),
  port: setting({
    name: "BOOKIO_PROXY_PORT",
    description: "The TCP port to listen on; 0 picks a free one.",
    expects: "a whole number from 0 to 65535",
    fallback: "8080",
    schema: fromDecimal(whole(0, 65_535))
  }),
  backend: setting({
    name: "BOOKIO_BACKEND",
    description: "What answers: the embedded engine, or a server of the Bookio API with this one as its gateway.",
    expects: "embedded or remote",
    fallback: "embedded",
    schema: Schema.Literals(["embedded", "remote"])
  }),
  database: setting({
    name: "BOOKIO_DATABASE",
    description: "The database of the embedded engine; its folder is made if it is not there.",
    expects: "`sqlite:PATH` or `sqlite::memory:`",
    fallback: "sqlite:data/bookio.db",
    schema: DatabaseUrl
  }),
  seed: setting({
    name: "BOOKIO_SEED",
    description:
      "What the database starts with: channels, tokens, facilities and calendars. What is already there is left as it is.",
    expects: "the path of a JSON file, or `demo` or `demo:NUMBER` for the demonstration",
    fallback: undefined,
    schema: Schema.NonEmptyString
  }),
  auditDays: setting({
    name: "BOOKIO_AUDIT_DAYS",
    description: "How many days a line of the audit log is kept.",
    expects: "a whole number from 1 to 36500",
    fallback: "365",
    schema: fromDecimal(whole(1, 36_500))
  }),
  webhookLoopback: setting({
    name: "BOOKIO_WEBHOOK_LOOPBACK",
    description:
      "Whether webhooks may also be sent to this machine itself (`localhost`, `127.0.0.1`, `[::1]`), over http too. With `true` whoever has a token of access `admin` reaches what listens there.",
    expects: "true or false",
    fallback: "false",
    schema: BooleanText
  }),
  otlpEndpoint: setting({
    name: "OTEL_EXPORTER_OTLP_ENDPOINT",
    description: "The OpenTelemetry collector that gets traces and metrics, by OTLP over HTTP in JSON.",
    expects: "an http or https URL, such as http://127.0.0.1:4318",
    fallback: undefined,
    schema: Schema.URLFromString.check(
      check(({ protocol }: URL) => protocol === "http:" || protocol === "https:", "invalid")
    )
  }),
  otlpHeaders: setting({
    name: "OTEL_EXPORTER_OTLP_HEADERS",
    description: "Headers that the collector asks for.",
    expects: "NAME=VALUE, several separated by commas, values as in a URL",
    fallback: undefined,
    secret: true,
    schema: HeaderList
  }),
  logLevel: setting({
    name: "BOOKIO_LOG_LEVEL",
    description: "The least severe log that is written.",
    expects: "one of debug, info, warn, error, off",
    fallback: "info",
    schema: Schema.Literals(["debug", "info", "warn", "error", "off"])
  }),
  logFormat: setting({
    name: "BOOKIO_LOG_FORMAT",
    description: "How logs are written to standard error: for people or for machines.",
    expects: "pretty or json",
    fallback: undefined,
    fallbackNote: "`pretty` on a terminal, else `json`",
    schema: Schema.Literals(["pretty", "json"])
  })
} as const

const { token: _, ...bookioSettings } = BookioSettings.settings

/** The settings that `BOOKIO_BACKEND=remote` has besides. */
export const remoteSettings = {
  ...bookioSettings,
  // Within the time limit of a request, with what it waits for before it is sent.
  timeout: { ...bookioSettings.timeout, fallback: "20 seconds" },
  ...GatewaySettings.settings,
  index: setting({
    name: "BOOKIO_GATEWAY_DATABASE",
    description:
      "The gateway's database: answers under an `Idempotency-Key`, the audit log, the change feed, webhooks, which id belongs to which facility; its folder is made if it is not there.",
    expects: "`sqlite:PATH` or `sqlite::memory:`",
    fallback: "sqlite:data/gateway.db",
    schema: DatabaseUrl
  })
} as const
