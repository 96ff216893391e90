/**
 * ETags as the port wants them: of this very content. A strong one (RFC 9110, 8.8.3) is taken as it is. A weak one, or none,
 * cannot be used in If-Match: then ours is `~`, the weak one, `~`, and the SHA-256 of the content. Some servers leave the
 * quotes out, in all places or in some (Kerio, Group-Office, DavMail): one ETag with and without them is the same.
 */
import { createHash } from "node:crypto"

const isStrong = (etag: string | undefined): etag is string =>
  etag !== undefined && etag !== "" && !etag.startsWith("W/") && !etag.startsWith("~")

const bare = (etag: string) => etag.replace(/^W\//, "").replace(/^"(.*)"$/, "$1")

// The same text comes with other line ends inside XML (XML 1.0, 2.11) than by itself, and folded otherwise by some servers.
// Servers that make the object anew for each answer put the time of the answer into DTSTAMP.
const hashOf = (text: string) =>
  createHash("sha256")
    .update(
      text
        .replace(/\r?\n[ \t]/g, "")
        .replaceAll("\r\n", "\n")
        .replace(/^DTSTAMP[;:].*\n/gim, "")
        .trimEnd()
    )
    .digest("hex")

/** The ETag of a content that was read with this header or property. */
export const etagOf = (given: string | undefined, text: string): string =>
  isStrong(given) ? given : `~${given ?? ""}~${hashOf(text)}`

/** Whether an ETag may stand in If-Match. */
export const isUsable = isStrong

/** Whether an ETag is written as RFC 9110 wants it. */
export const isQuoted = (etag: string): boolean => /^"[^"]*"$/.test(etag)

/** Whether what is listed with this ETag is the content of a known one. */
export const isKnown = (known: string | undefined, listed: string | undefined): boolean =>
  known !== undefined &&
  listed !== undefined &&
  listed !== "" &&
  (isStrong(listed) ? isStrong(known) && bare(known) === bare(listed) : known.startsWith(`~${listed}~`))

/** Whether a content read just now is that of an ETag. */
export const isOf = (etag: string, given: string | undefined, text: string): boolean =>
  etag.startsWith("~") ? etag.endsWith(`~${hashOf(text)}`) : given !== undefined && bare(given) === bare(etag)
