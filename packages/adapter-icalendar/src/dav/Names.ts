/** The names of elements that we ask for and read (RFC 4791, 4918, 5397, 6578), and the bodies of our requests. */
import { escapeXml } from "./Xml.ts"

export const dav = (local: string) => `{DAV:}${local}`
export const cal = (local: string) => `{urn:ietf:params:xml:ns:caldav}${local}`
export const ctag = "{http://calendarserver.org/ns/}getctag"

const prefixes: { readonly [namespace: string]: string } = {
  "DAV:": "d",
  "urn:ietf:params:xml:ns:caldav": "c",
  "http://calendarserver.org/ns/": "s"
}

const tag = (name: string): string => {
  const end = name.indexOf("}")
  return `<${prefixes[name.slice(1, end)]}:${name.slice(end + 1)}/>`
}

const document = (root: string, inner: string) =>
  '<?xml version="1.0" encoding="utf-8"?>' +
  `<${root} xmlns:d="DAV:" xmlns:c="urn:ietf:params:xml:ns:caldav" xmlns:s="http://calendarserver.org/ns/">` +
  `${inner}</${root}>`

const props = (names: ReadonlyArray<string>) => `<d:prop>${names.map(tag).join("")}</d:prop>`

/** Asks for properties (RFC 4918, 9.1). */
export const propfind = (names: ReadonlyArray<string>): string => document("d:propfind", props(names))

/** Asks for what changed since a token (RFC 6578, 3.2); "" asks for all. */
export const syncCollection = (token: string, names: ReadonlyArray<string>): string =>
  document(
    "d:sync-collection",
    `<d:sync-token>${escapeXml(token)}</d:sync-token><d:sync-level>1</d:sync-level>${props(names)}`
  )

/** Asks which members have a UID (RFC 4791, 7.8.6). */
export const byUid = (uid: string): string =>
  document(
    "c:calendar-query",
    `${props([dav("getetag")])}<c:filter><c:comp-filter name="VCALENDAR"><c:comp-filter name="VEVENT">` +
      `<c:prop-filter name="UID"><c:text-match collation="i;octet">${escapeXml(uid)}</c:text-match></c:prop-filter>` +
      "</c:comp-filter></c:comp-filter></c:filter>"
  )

/** Asks for the data of these resources (RFC 4791, 7.9). */
export const multiget = (hrefs: ReadonlyArray<string>): string =>
  document(
    "c:calendar-multiget",
    props([dav("getetag"), cal("calendar-data")]) + hrefs.map((href) => `<d:href>${escapeXml(href)}</d:href>`).join("")
  )
