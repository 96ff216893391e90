/** The settings of `bookio-conformance`: those of the client but for the server, which is an argument, and a second token. */
import * as Client from "@bookio-kit/adapter-bookio/Settings"
import { setting } from "@bookio-kit/core/settings/Settings"

const { requestsPerMinute, requestTimeout, routes, timeout, token } = Client.settings

export const settings = {
  token: setting({ ...token, description: "The Bearer token of a channel; `--token-file` goes before it." }),
  token2: setting({
    ...token,
    name: "BOOKIO_TOKEN_2",
    description: "The Bearer token of another channel; without it the laws of isolation are not run."
  }),
  timeout,
  requestTimeout,
  requestsPerMinute,
  routes
} as const
