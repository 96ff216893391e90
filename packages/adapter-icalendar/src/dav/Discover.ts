/**
 * Finds the calendar of the settings (RFC 6764, 6; RFC 4791, 6.2.1; RFC 5397): the URL itself if it is a calendar, else by
 * the principal and its home. What is found is kept by the caller.
 */
import { isIP } from "node:net"
import { PracticeError } from "@bookio-kit/core/sync/PracticeCalendar"
import * as Effect from "effect/Effect"
import { isLoopback } from "./Address.ts"
import { properties, understood } from "./Ask.ts"
import type { DavAnswer, DavClient } from "./Client.ts"
import { failure } from "./Failures.ts"
import { pathOf } from "./Href.ts"
import { type DavResponse, hrefsOf, propOf, textOf } from "./Multistatus.ts"
import { cal, dav } from "./Names.ts"
import { childOf } from "./Xml.ts"

export interface Collection {
  /** With a slash at its end. */
  readonly url: URL
  /** The owner's addresses, lower case, without `mailto:`. */
  readonly owner: ReadonlyArray<string>
  /** What the server calls itself (RFC 9110, 10.2.4); "" where it does not say. */
  readonly server: string
}

export interface DiscoverOptions {
  /** Display name, path, or last segment of the path. */
  readonly calendar: string | undefined
  /** Asked of the server where left out. */
  readonly owner: ReadonlyArray<string> | undefined
}

const asked = [
  dav("resourcetype"),
  dav("displayname"),
  dav("current-user-principal"),
  cal("calendar-home-set"),
  cal("supported-calendar-component-set")
]

const isCalendar = (response: DavResponse) =>
  childOf(propOf(response, dav("resourcetype")), cal("calendar")) !== undefined

// A calendar that does not say takes any component (RFC 4791, 5.2.3).
const takesEvents = (response: DavResponse) => {
  const set = propOf(response, cal("supported-calendar-component-set"))
  return (
    set === undefined ||
    set.children.length === 0 ||
    set.children.some(({ attributes }) => attributes.name?.toUpperCase() === "VEVENT")
  )
}

const asCollection = (url: URL): URL => {
  const found = new URL(url)
  if (!found.pathname.endsWith("/")) found.pathname += "/"
  return found
}

// A server behind a proxy that speaks TLS for it often names itself by http, or by its own port.
const at = (href: string, base: URL): URL | undefined => {
  const url = URL.parse(href, base.href)
  if (url === null) return undefined
  return url.hostname === base.hostname ? new URL(`${base.origin}${url.pathname}${url.search}`) : url
}

/** Finds the calendar. @errors `PracticeError`; `CalendarNotFound` names the calendars that there are. */
export const discover = Effect.fnUntraced(function* (
  client: DavClient,
  options: DiscoverOptions
): Effect.fn.Return<Collection, PracticeError> {
  const { url } = client.options
  const notFound = (problem: string) => new PracticeError({ reason: "CalendarNotFound", problem })

  const first = Effect.fnUntraced(function* (answer: DavAnswer) {
    const { responses } = yield* understood(client, answer)
    return responses[0]
  })

  const ownerOf = Effect.fnUntraced(function* (principal: URL | undefined) {
    if (options.owner !== undefined) return options.owner
    if (principal === undefined) return []
    const answer = yield* properties(client, principal, "0", [cal("calendar-user-address-set")])
    // Servers without scheduling have no addresses to tell.
    if (answer.status === 403 || answer.status === 404) return []
    return hrefsOf(yield* first(answer), cal("calendar-user-address-set"))
      .filter((address) => /^mailto:/i.test(address))
      .map((address) => address.slice("mailto:".length).toLowerCase())
  })

  const answer = yield* properties(client, url, "0", asked)
  // Only a server's root may be no DAV resource: of another path that is gone, the user's other calendars are no stand-in.
  const isOptional = url.pathname === "/" && [200, 403, 404, 405].includes(answer.status)
  const own = isOptional ? undefined : { response: yield* first(answer), url: answer.url }
  const principalIn = (found: { readonly response: DavResponse | undefined; readonly url: URL } | undefined) => {
    const href = hrefsOf(found?.response, dav("current-user-principal"))[0]
    return href === undefined || found === undefined ? undefined : at(href, found.url)
  }
  if (own?.response !== undefined && isCalendar(own.response)) {
    return { url: asCollection(own.url), owner: yield* ownerOf(principalIn(own)), server: answer.headers.server ?? "" }
  }

  let home = hrefsOf(own?.response, cal("calendar-home-set"))[0]
  let base = own?.url ?? url
  let principal = principalIn(own)
  if (home === undefined && principal === undefined && url.pathname === "/") {
    const wellKnown = yield* properties(client, new URL("/.well-known/caldav", url), "0", asked)
    if (wellKnown.status !== 207 && wellKnown.status !== 404 && wellKnown.status !== 405) {
      return yield* Effect.flatMap(failure(client, wellKnown), Effect.fail)
    }
    if (wellKnown.status === 207) {
      const response = yield* first(wellKnown)
      principal = principalIn({ response, url: wellKnown.url })
      home = hrefsOf(response, cal("calendar-home-set"))[0]
      base = wellKnown.url
    }
  }
  if (home === undefined && principal !== undefined) {
    const found = yield* properties(client, principal, "0", [cal("calendar-home-set")])
    home = hrefsOf(yield* first(found), cal("calendar-home-set"))[0]
    base = found.url
  }
  const homeUrl = home === undefined ? undefined : at(home, base)
  if (homeUrl === undefined) {
    // DNS is not trusted with a password: what it names is told, and asked only when it is set.
    const isDomain =
      url.pathname === "/" && !isLoopback(url.hostname) && isIP(url.hostname.replace(/^\[|\]$/g, "")) === 0
    const service = isDomain ? yield* client.options.findService(url.hostname) : undefined
    const help =
      service === undefined ? "the URL of the calendar itself" : `${service}, which is the domain's CalDAV server`
    return yield* notFound(`${url.host} names no home of calendars; set ${help}`)
  }
  const listed = yield* properties(client, homeUrl, "1", asked)
  const calendars = (yield* understood(client, listed)).responses
    .filter((response) => isCalendar(response) && takesEvents(response))
    .map((response) => ({ path: pathOf(response.href, listed.url) ?? "", name: textOf(response, dav("displayname")) }))
  const wanted = options.calendar
  const trim = (path: string) => path.replace(/\/+$/, "")
  const matching =
    wanted === undefined
      ? calendars
      : calendars.filter(({ name, path }) => {
          const own = trim(path)
          return name === wanted || own === trim(pathOf(wanted, listed.url) ?? "") || decodeLast(own) === wanted
        })
  const [only] = matching
  if (only === undefined || matching.length > 1) {
    const names = calendars.map(({ name, path }) => `"${name ?? path}" (${path})`).join(", ")
    return yield* notFound(
      `${matching.length === 0 ? "no calendar" : "more than one calendar"} of ${url.host} ` +
        `${wanted === undefined ? "was to be chosen from" : `is "${wanted}" among`} ${names || "none"}; name one by its path`
    )
  }
  const found = asCollection(new URL(only.path, listed.url))
  return { url: found, owner: yield* ownerOf(principal), server: listed.headers.server ?? "" }
})

const decodeLast = (path: string): string | undefined => {
  try {
    return decodeURIComponent(path.slice(path.lastIndexOf("/") + 1))
  } catch {
    return undefined
  }
}
