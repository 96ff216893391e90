/**
 * Digest authentication (RFC 7616), which some servers ask for instead of Basic (Baïkal as it is installed). Only `auth` is
 * known as quality of protection, for the connection is protected already.
 */
import { createHash } from "node:crypto"

/** What a server asks to be answered with. */
export interface Challenge {
  readonly realm: string
  readonly nonce: string
  readonly opaque: string | undefined
  readonly algorithm: "MD5" | "SHA-256"
  /** Absent with servers of RFC 2069. */
  readonly hasQop: boolean
}

/** One answer; a count is used once for a nonce. */
export interface DigestAnswer {
  readonly username: string
  readonly password: string
  readonly method: string
  /** Path and query, as they are sent. */
  readonly uri: string
  readonly count: number
  readonly clientNonce: string
}

const parameter = /([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))/g

/**
 * Reads the challenge of a WWW-Authenticate; `undefined` where there is none that can be answered, or where Basic is taken
 * too, so that a refusal means the password.
 */
export const readChallenge = (header: string | undefined): Challenge | undefined => {
  if (header === undefined || /(?:^|,)\s*Basic\b/i.test(header)) return undefined
  const digest = /(?:^|,)\s*Digest\s+(.*)$/is.exec(header)?.[1]
  if (digest === undefined) return undefined
  const given = new Map(
    [...digest.matchAll(parameter)].map(([, name = "", quoted, plain = ""]) => [
      name.toLowerCase(),
      quoted === undefined ? plain : quoted.replace(/\\(.)/g, "$1")
    ])
  )
  const [realm, nonce, qop] = [given.get("realm"), given.get("nonce"), given.get("qop")]
  const algorithm = (given.get("algorithm") ?? "MD5").toUpperCase()
  if (realm === undefined || nonce === undefined || (algorithm !== "MD5" && algorithm !== "SHA-256")) return undefined
  if (qop !== undefined && !qop.split(",").some((one) => one.trim().toLowerCase() === "auth")) return undefined
  return { realm, nonce, opaque: given.get("opaque"), algorithm, hasQop: qop !== undefined }
}

const quoted = (text: string) => `"${text.replace(/["\\]/g, "\\$&")}"`

/** The value of the Authorization that answers a challenge. */
export const digestOf = (challenge: Challenge, answer: DigestAnswer): string => {
  const { algorithm, hasQop, nonce, opaque, realm } = challenge
  const { clientNonce, method, password, uri, username } = answer
  const hash = (...parts: ReadonlyArray<string>) =>
    createHash(algorithm === "MD5" ? "md5" : "sha256")
      .update(parts.join(":"))
      .digest("hex")
  const count = answer.count.toString(16).padStart(8, "0")
  const secret = hash(username, realm, password)
  const what = hash(method, uri)
  const response = hasQop ? hash(secret, nonce, count, clientNonce, "auth", what) : hash(secret, nonce, what)
  // Headers hold Latin letters only: other names are encoded (RFC 7616, 3.4).
  const name = /^[ -~]*$/.test(username)
    ? `username=${quoted(username)}`
    : `username*=UTF-8''${encodeURIComponent(username).replace(/['()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16)}`)}`
  const parts = [
    name,
    `realm=${quoted(realm)}`,
    `nonce=${quoted(nonce)}`,
    `uri=${quoted(uri)}`,
    `response="${response}"`,
    `algorithm=${algorithm}`,
    ...(opaque === undefined ? [] : [`opaque=${quoted(opaque)}`]),
    ...(hasQop ? ["qop=auth", `nc=${count}`, `cnonce=${quoted(clientNonce)}`] : [])
  ]
  return `Digest ${parts.join(", ")}`
}
