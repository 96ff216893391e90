/**
 * Hrefs as the server gives them: absolute or not, encoded more or less. One resource has one href here, the path with
 * each segment encoded in one way, which is what is sent too; the host of an href is not looked at, for all requests go
 * to the one the settings name.
 */

// What RFC 3986 allows in a segment, so that the form stays near to what servers write themselves.
const kept = new Map(["@", ":", "$", "&", "+", ",", ";", "="].map((sign) => [encodeURIComponent(sign), sign]))

const segment = (text: string): string => {
  try {
    return encodeURIComponent(decodeURIComponent(text)).replace(/%[0-9A-F]{2}/g, (code) => kept.get(code) ?? code)
  } catch {
    // Not UTF-8: it is left as it is.
    return text
  }
}

/** The path of an href, resolved and in one form; `undefined` for what is no href. */
export const pathOf = (href: string, base: URL): string | undefined => {
  const url = URL.parse(href.trim(), base.href)
  return url === null ? undefined : url.pathname.split("/").map(segment).join("/")
}

/** The name of a resource for an item that we make. */
export const nameOf = (uid: string): string => `${segment(encodeURIComponent(uid))}.ics`

const trimmed = (path: string) => path.replace(/\/+$/, "")

/** What a path is to a collection; `deeper` is what lies in a collection inside it. */
export const placeOf = (path: string, collection: URL): "self" | "member" | "deeper" | "outside" => {
  const own = trimmed(pathOf(collection.pathname, collection) ?? collection.pathname)
  const other = trimmed(path)
  if (other === own) return "self"
  if (!other.startsWith(`${own}/`)) return "outside"
  return other.slice(own.length + 1).includes("/") ? "deeper" : "member"
}
