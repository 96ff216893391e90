/**
 * Whether a host is of the public internet. A public server must not send us to an address that only this machine or its
 * network reaches (SSRF); a name is what it resolves to.
 */
import { lookup, resolveSrv } from "node:dns/promises"
import { BlockList, isIP } from "node:net"
import * as Effect from "effect/Effect"

// The special-purpose registries of RFC 6890 that are not globally reachable.
const privates = new BlockList()
for (const [net, prefix] of [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["224.0.0.0", 3]
] as const) {
  privates.addSubnet(net, prefix, "ipv4")
}
for (const [net, prefix] of [
  ["::", 127],
  ["64:ff9b::", 96],
  ["fc00::", 7],
  ["fe80::", 10],
  ["ff00::", 8]
] as const) {
  privates.addSubnet(net, prefix, "ipv6")
}

// An IPv4 address written as IPv6 is checked as IPv4 by `BlockList`.
const isPrivateIp = (address: string): boolean => privates.check(address, isIP(address) === 6 ? "ipv6" : "ipv4")

/** Finds the addresses of a host name. */
export type Resolve = (hostname: string) => Effect.Effect<ReadonlyArray<string>>

/** By the system; a name that cannot be found has none. */
export const systemResolve: Resolve = (hostname) =>
  Effect.tryPromise(() => lookup(hostname, { all: true })).pipe(
    Effect.map((found) => found.map(({ address }) => address)),
    Effect.orElseSucceed(() => [])
  )

/** Finds the CalDAV server of a domain. */
export type FindService = (domain: string) => Effect.Effect<string | undefined>

/** By the domain's SRV record (RFC 6764, 3); none where there is none, or no answer. */
export const systemService: FindService = (domain) =>
  Effect.tryPromise(() => resolveSrv(`_caldavs._tcp.${domain}`)).pipe(
    Effect.timeout("5 seconds"),
    Effect.map((found) => {
      const first = [...found].sort((a, b) => a.priority - b.priority || b.weight - a.weight)[0]
      // "." means that there is no such service (RFC 2782).
      if (first === undefined || first.name === "" || first.name === ".") return undefined
      return `https://${first.name}${first.port === 443 ? "" : `:${first.port}`}/`
    }),
    Effect.orElseSucceed(() => undefined)
  )

/** Whether a URL's host is, or has among its addresses, one that is not public. */
export const isPrivate = (url: URL, resolve: Resolve): Effect.Effect<boolean> => {
  const host = url.hostname.replace(/^\[|\]$/g, "")
  if (host === "localhost" || host.endsWith(".localhost")) return Effect.succeed(true)
  return isIP(host) === 0
    ? Effect.map(resolve(host), (addresses) => addresses.some(isPrivateIp))
    : Effect.succeed(isPrivateIp(host))
}

/** Whether a host name of a URL is this machine (RFC 6890, RFC 6761). */
export const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname)
