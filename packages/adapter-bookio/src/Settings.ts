/** The settings of an app that speaks to a remote server, and the client's options that come of them. */
import { whole } from "@bookio-kit/core/scalar/Check"
import { BooleanText, fromDecimal } from "@bookio-kit/core/scalar/Parameters"
import { setting, type Values } from "@bookio-kit/core/settings/Settings"
import * as Duration from "effect/Duration"
import type * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { productionUrl } from "./BaseUrl.ts"
import type { BookioClientOptions } from "./BookioClient.ts"
import type { RouteOverrides } from "./RouteOverrides.ts"

const Time = Schema.DurationFromString.check(
  Schema.makeFilter((time: Duration.Duration) => {
    const ms = Duration.toMillis(time)
    return ms >= 10 && ms <= 3_600_000
  })
)

const aTime = "a time such as `5 seconds`, from 10 millis to 1 hour"

export const settings = {
  baseUrl: setting({
    name: "BOOKIO_BASE_URL",
    description: "The server of the Bookio API.",
    expects: "an https URL, or an http URL of this machine",
    fallback: productionUrl,
    schema: Schema.NonEmptyString
  }),
  token: setting({
    name: "BOOKIO_TOKEN",
    description: "The Bearer token of a channel.",
    expects: "a token of visible ASCII characters",
    fallback: undefined,
    secret: true,
    schema: Schema.RedactedFromValue(Schema.String.check(Schema.isPattern(/^[\x21-\x7e]+$/)))
  }),
  timeout: setting({
    name: "BOOKIO_TIMEOUT",
    description: "The longest that an operation takes, with all its retries and look-ups.",
    expects: aTime,
    fallback: "30 seconds",
    schema: Time
  }),
  requestTimeout: setting({
    name: "BOOKIO_REQUEST_TIMEOUT",
    description: "The longest that one request takes.",
    expects: aTime,
    fallback: "5 seconds",
    schema: Time
  }),
  requestsPerMinute: setting({
    name: "BOOKIO_REQUESTS_PER_MINUTE",
    description: "The budget of requests; after a quiet minute all can go at once.",
    expects: "a whole number from 1 to 1000000",
    fallback: "600",
    schema: fromDecimal(whole(1, 1_000_000))
  }),
  routes: setting({
    name: "BOOKIO_ROUTES",
    description: "Routes that differ from the inferred ones.",
    expects: "the path of a JSON file",
    fallback: undefined,
    schema: Schema.NonEmptyString
  }),
  extensions: setting({
    name: "BOOKIO_EXTENSIONS",
    description: "Whether the server is one of bookio-kit, with free slots and listings in a known order.",
    expects: "true or false",
    fallback: "false",
    schema: BooleanText
  })
} as const

/** The client's options of these values; the token is told apart, for an app may do without one until it asks. */
export const optionsOf = (
  values: Values<typeof settings>,
  token: Redacted.Redacted,
  routes: RouteOverrides
): BookioClientOptions => ({
  baseUrl: values.baseUrl,
  token,
  timeout: values.timeout,
  requestTimeout: values.requestTimeout,
  requestsPerMinute: values.requestsPerMinute,
  extensions: values.extensions,
  routes
})
