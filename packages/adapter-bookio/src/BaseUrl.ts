/**
 * The base URL of a server and what may be sent to it: a token goes over https, or over plain http to this machine only
 * (api.md, "Basics"), so a wrong URL is found before anything is sent.
 */
import { basePath, extensionPath } from "@bookio-kit/core/api/Paths"
import { SettingsError } from "@bookio-kit/core/settings/Settings"
import * as Result from "effect/Result"

/** Production, as the published page names it. */
export const productionUrl = `https://medic.bookio.com${basePath}`

/** Where the operations of the reference are, and where the extension would be; neither ends in a slash. */
export interface BaseUrl {
  readonly reference: string
  /** Absent where the base URL does not end in `/public/api/v1`, so that nobody can say where an extension would be. */
  readonly extension: string | undefined
}

/** Whether a host name of a URL is this machine (RFC 6890, RFC 6761). */
const isLoopback = (hostname: string): boolean =>
  hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d{1,3}){3}$/.test(hostname)

const wrong = (problem: string) =>
  Result.fail(new SettingsError({ problems: [`BOOKIO_BASE_URL must be an https URL, ${problem}`] }))

/** Reads a base URL. @errors `SettingsError` for one that a token must not be sent to; the text is not repeated. */
export const parseBaseUrl = (text: string): Result.Result<BaseUrl, SettingsError> => {
  const url = URL.parse(text)
  if (url === null) return wrong("and is none")
  if (url.protocol !== "https:" && !(url.protocol === "http:" && isLoopback(url.hostname))) {
    return wrong("or an http URL of this machine: a token is sent to it")
  }
  if (url.username !== "" || url.password !== "") return wrong("without a user name or password")
  if (url.search !== "" || url.hash !== "") return wrong("without ? and #")
  const reference = `${url.origin}${url.pathname.replace(/\/+$/, "")}`
  return Result.succeed({
    reference,
    extension: reference.endsWith(basePath) ? `${reference.slice(0, -basePath.length)}${extensionPath}` : undefined
  })
}
