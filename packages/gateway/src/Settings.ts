/** The settings of an app that is a gateway, and the gateway's options that come of them. */
import { whole } from "@bookio-kit/core/scalar/Check"
import { fromDecimal } from "@bookio-kit/core/scalar/Parameters"
import { setting, type Values } from "@bookio-kit/core/settings/Settings"
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"
import type { GatewayOptions } from "./Gateway.ts"

const time = (maximum: Duration.Duration) =>
  Schema.DurationFromString.check(
    Schema.makeFilter((given: Duration.Duration) => {
      const ms = Duration.toMillis(given)
      return ms >= 0 && ms <= Duration.toMillis(maximum)
    })
  )

const lifetime = time(Duration.hours(1))
const aLifetime = "a time such as `30 seconds`, from `0 seconds` to `1 hour`"

export const settings = {
  keys: setting({
    name: "BOOKIO_GATEWAY_KEYS",
    description:
      "The client keys, or that callers bring upstream tokens; required. A changed file is in force within seconds.",
    expects: "the path of a JSON file",
    fallback: undefined,
    fallbackNote: "none",
    schema: Schema.NonEmptyString
  }),
  facilitiesLifetime: setting({
    name: "BOOKIO_GATEWAY_CACHE_FACILITIES",
    description: "For how long facilities are answered from the cache.",
    expects: aLifetime,
    fallback: "10 minutes",
    schema: lifetime
  }),
  calendarsLifetime: setting({
    name: "BOOKIO_GATEWAY_CACHE_CALENDARS",
    description: "For how long calendars are answered from the cache.",
    expects: aLifetime,
    fallback: "1 minute",
    schema: lifetime
  }),
  rowsLifetime: setting({
    name: "BOOKIO_GATEWAY_CACHE_ROWS",
    description: "For how long reservations and blocked times are answered from the cache.",
    expects: aLifetime,
    fallback: "2 seconds",
    schema: lifetime
  }),
  concurrency: setting({
    name: "BOOKIO_GATEWAY_CONCURRENCY",
    description: "How many requests the upstream works on at once.",
    expects: "a whole number from 1 to 10000",
    fallback: "16",
    schema: fromDecimal(whole(1, 10_000))
  }),
  queue: setting({
    name: "BOOKIO_GATEWAY_QUEUE",
    description: "How many more requests may wait; beyond them one is refused at once as `Overloaded`.",
    expects: "a whole number from 0 to 100000",
    fallback: "256",
    schema: fromDecimal(whole(0, 100_000))
  }),
  pollEvery: setting({
    name: "BOOKIO_GATEWAY_POLL",
    description:
      "Watches the upstream for changes, and looks again after this; without it there are no `/ext/v1/events` and no webhooks.",
    expects: "a time such as `5 seconds`, from `100 millis` to `1 hour`",
    fallback: undefined,
    fallbackNote: "no change feed",
    schema: time(Duration.hours(1)).check(
      Schema.makeFilter((given: Duration.Duration) => Duration.toMillis(given) >= 100)
    )
  }),
  hedgeAfter: setting({
    name: "BOOKIO_GATEWAY_HEDGE_AFTER",
    description: "Asks a read of the upstream a second time when it takes longer than this; the first answer counts.",
    expects: "a time such as `500 millis`, up to `1 minute`",
    fallback: undefined,
    fallbackNote: "never",
    schema: time(Duration.minutes(1))
  })
} as const

/** The gateway's options of these values; how the upstream is reached is told apart. */
export const optionsOf = (
  { keys: _, ...values }: Values<typeof settings>,
  upstream: Pick<GatewayOptions, "connect" | "capabilities">
): GatewayOptions => ({ ...values, ...upstream })
