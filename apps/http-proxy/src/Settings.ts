/** The settings of `bookio-proxy`. */
import { whole } from "@bookio-kit/core/scalar/Check"
import { fromDecimal } from "@bookio-kit/core/scalar/Parameters"
import { setting } from "@bookio-kit/core/settings/Settings"
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
