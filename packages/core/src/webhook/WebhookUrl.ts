/**
 * The URL of a webhook, as far as its text tells: https, or loopback by name. Whether its host is a public one is told by
 * its addresses, at each delivery.
 */
import * as Context from "effect/Context"
import * as Schema from "effect/Schema"
import { check, saying } from "../scalar/Check.ts"

// Visible ASCII; a host without user and password; no fragment.
const pattern = /^(https?):\/\/(\[[\da-f:.]+\]|[\da-z.-]+)(?::\d{1,5})?(?:[/?][!"$-~]*)?$/i

const loopbackNames: ReadonlySet<string> = new Set(["localhost", "127.0.0.1", "[::1]"])

/** Whether a host, as a URL writes it, names this machine: `localhost`, `127.0.0.1` or `[::1]` (RFC 6761, RFC 6890). */
export const isLoopbackHost = (host: string): boolean => loopbackNames.has(host.toLowerCase())

/** Whether the host of a webhook's URL is loopback by name. */
export const isLoopbackUrl = (url: string): boolean => isLoopbackHost(pattern.exec(url)?.[2] ?? "")

const isWebhookUrl = (url: string): boolean => {
  const [, scheme] = pattern.exec(url) ?? []
  return scheme?.toLowerCase() === "https" || (scheme !== undefined && isLoopbackUrl(url))
}

/** An https URL, or an http one to loopback, of at most 2,000 characters, without user, password and fragment. */
export const WebhookUrl = Schema.String.annotate({
  ...saying("notText"),
  examples: ["https://example.com/bookio"]
}).check(
  Schema.isMaxLength(2000, saying("tooLong", { max: 2000 })),
  check(isWebhookUrl, "notWebhookUrl", { jsonSchema: { format: "uri" } })
)

/**
 * Whether webhooks may be sent to loopback; not unless provided. Behind a reverse proxy, and where several practices share a
 * server, a caller's loopback is not the server's.
 */
export const LoopbackAllowed = Context.Reference<boolean>("@bookio-kit/core/webhook/WebhookUrl/LoopbackAllowed", {
  defaultValue: () => false
})
