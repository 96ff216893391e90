/**
 * A small CalDAV server of the tests' own, over real sockets, for what radicale does not do: each habit is a switch. It
 * keeps objects in memory and knows one calendar at /cal/.
 */
import { createHash } from "node:crypto"
import { createServer, type IncomingMessage, type ServerResponse } from "node:http"

export interface Answer {
  readonly status: number
  readonly headers?: { readonly [name: string]: string }
  readonly body?: string
  /** Bytes after which the connection is cut. */
  readonly cutAfter?: number
}

export interface Asked {
  readonly method: string
  readonly path: string
  readonly headers: IncomingMessage["headers"]
  readonly body: string
}

export interface Habits {
  /** `sync`: sync-collection and a sync-token; `ctag`: a ctag; `none`: neither. */
  tokens: "sync" | "ctag" | "none"
  /** `unquoted`: as Kerio, Group-Office and DavMail write them. */
  etags: "strong" | "weak" | "none" | "unquoted"
  /** How If-Match is compared: as text; with quotes around, whatever the server itself writes; or never found equal. */
  ifMatch: "asText" | "quoted" | "never"
  /** What the server makes of what it is sent. */
  stored: (text: string) => string
  /** The name under which it keeps what is put under another, without telling. */
  renamed: (name: string) => string
  /** Whether a PUT's answer has the ETag. */
  etagOnPut: boolean
  /** Members told in one sync-collection; more are cut off with 507. */
  syncLimit: number
  /** Whether PROPFIND of the members is cut short with 507. */
  listingIsTruncated: boolean
  /** Answers in place of the server, or `undefined`. */
  instead: (asked: Asked) => Answer | "hang" | undefined
  /** Changes an answer before it is sent. */
  change: (asked: Asked, answer: Answer) => Answer
}

export interface FakeDav {
  readonly url: string
  readonly habits: Habits
  /** What was asked so far. */
  readonly asked: Array<Asked>
  readonly objects: Map<string, string>
  /** Another client's hand. */
  readonly put: (name: string, text: string) => void
  readonly remove: (name: string) => void
  /** Forgets all tokens given so far. */
  readonly loseTokens: () => void
  readonly stop: () => Promise<void>
}

const escapeText = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
const unescapeText = (text: string) => text.replaceAll("&lt;", "<").replaceAll("&gt;", ">").replaceAll("&amp;", "&")

export const errorOpen = '<?xml version="1.0"?><D:error xmlns:D="DAV:">'

export const multistatus = (responses: ReadonlyArray<string>, token?: string) =>
  '<?xml version="1.0" encoding="utf-8"?><multistatus xmlns="DAV:" xmlns:cal="urn:ietf:params:xml:ns:caldav" ' +
  `xmlns:cs="http://calendarserver.org/ns/">${responses.join("")}` +
  `${token === undefined ? "" : `<sync-token>${token}</sync-token>`}</multistatus>`

export const found = (href: string, props: string) =>
  `<response><href>${escapeText(href)}</href><propstat><prop>${props}</prop><status>HTTP/1.1 200 OK</status></propstat></response>`

export const status = (href: string, code: number) =>
  `<response><href>${escapeText(href)}</href><status>HTTP/1.1 ${code} Something</status></response>`

export const startFakeDav = async (change: Partial<Habits> = {}): Promise<FakeDav> => {
  const habits: Habits = {
    tokens: "sync",
    etags: "strong",
    ifMatch: "asText",
    stored: (text) => text,
    renamed: (name) => name,
    etagOnPut: true,
    syncLimit: Number.POSITIVE_INFINITY,
    listingIsTruncated: false,
    instead: () => undefined,
    change: (_asked, answer) => answer,
    ...change
  }
  const asked: Array<Asked> = []
  const objects = new Map<string, string>()
  /** Names in the order of their changes; a token is a place in it. */
  const log: Array<string> = []
  let oldestToken = 0
  const changed = (name: string) => log.push(name)
  const put = (name: string, text: string) => {
    objects.set(name, text)
    changed(name)
  }
  const remove = (name: string) => {
    objects.delete(name)
    changed(name)
  }
  const hash = (text: string) => createHash("md5").update(text).digest("hex")
  const etagOf = (text: string) =>
    habits.etags === "none"
      ? undefined
      : habits.etags === "unquoted"
        ? hash(text)
        : `${habits.etags === "weak" ? "W/" : ""}"${hash(text)}"`
  const etagProp = (text: string) => {
    const etag = etagOf(text)
    return etag === undefined ? "" : `<getetag>${escapeText(etag)}</getetag>`
  }
  const href = (name: string) => `/cal/${encodeURIComponent(name)}`
  const member = (name: string) => found(href(name), `${etagProp(objects.get(name) ?? "")}<resourcetype/>`)
  const token = (at: number) => `urn:fake:${at}`

  const own = () => {
    const tokens =
      habits.tokens === "sync"
        ? `<sync-token>${token(log.length)}</sync-token>`
        : habits.tokens === "ctag"
          ? `<cs:getctag>${log.length}</cs:getctag>`
          : ""
    return found(
      "/cal/",
      `<resourcetype><collection/><cal:calendar/></resourcetype><displayname>Practice</displayname>${tokens}` +
        "<current-user-principal><href>/principal/</href></current-user-principal>"
    )
  }

  const sync = (body: string): Answer => {
    if (habits.tokens !== "sync") return { status: 501 }
    const given = /sync-token>([^<]*)</.exec(body)?.[1] ?? ""
    const from = given === "" ? 0 : Number(/^urn:fake:(\d+)$/.exec(given)?.[1] ?? -1)
    if (from < 0 || from > log.length || (given !== "" && from < oldestToken)) {
      return { status: 403, body: `${errorOpen}<D:valid-sync-token/></D:error>` }
    }
    const to = Math.min(log.length, from + habits.syncLimit)
    const names = [...new Set(log.slice(from, to))]
    const told = names
      .filter((name) => given !== "" || objects.has(name))
      .map((name) => (objects.has(name) ? member(name) : status(href(name), 404)))
    const more = to < log.length ? [status("/cal/", 507)] : []
    return { status: 207, body: multistatus([...told, ...more], token(to)) }
  }

  const multiget = (body: string): Answer => {
    const hrefs = [...body.matchAll(/<d:href>([^<]*)<\/d:href>/g)].map(([, text]) => unescapeText(text ?? ""))
    return {
      status: 207,
      body: multistatus(
        hrefs.map((path) => {
          const text = objects.get(decodeURIComponent(path.slice("/cal/".length)))
          return text === undefined
            ? status(path, 404)
            : found(path, `${etagProp(text)}<cal:calendar-data>${escapeText(text)}</cal:calendar-data>`)
        })
      )
    }
  }

  const byUid = (body: string): Answer => {
    const uid = unescapeText(/text-match[^>]*>([^<]*)</.exec(body)?.[1] ?? "")
    const names = [...objects]
      .filter(([, text]) => text.replaceAll("\\", "").includes(`UID:${uid}`))
      .map(([name]) => name)
    return { status: 207, body: multistatus(names.map(member)) }
  }

  const answerTo = ({ body, headers, method, path }: Asked): Answer => {
    if (method === "PROPFIND" && path === "/cal/") {
      if (headers.depth === "0") return { status: 207, body: multistatus([own()]) }
      const cut = habits.listingIsTruncated ? [status("/cal/", 507)] : []
      return { status: 207, body: multistatus([own(), ...[...objects.keys()].map(member), ...cut]) }
    }
    if (method === "PROPFIND" && path === "/principal/") {
      const addresses =
        "<cal:calendar-user-address-set><href>mailto:Doctor@Example.com</href></cal:calendar-user-address-set>" +
        "<cal:calendar-home-set><href>/home/</href></cal:calendar-home-set>"
      return { status: 207, body: multistatus([found("/principal/", addresses)]) }
    }
    if (method === "PROPFIND" && path === "/home/") return { status: 207, body: multistatus([own()]) }
    if (method === "REPORT" && path === "/cal/") {
      return body.includes("sync-collection")
        ? sync(body)
        : body.includes("calendar-query")
          ? byUid(body)
          : multiget(body)
    }
    if (!path.startsWith("/cal/")) return { status: 404 }
    const name = decodeURIComponent(path.slice("/cal/".length))
    const text = objects.get(name)
    const etag = text === undefined ? undefined : etagOf(text)
    const ifMatch = headers["if-match"]
    // Weak ETags never match (RFC 9110, 13.1.1).
    const isOther =
      ifMatch !== undefined &&
      (habits.ifMatch === "never" ||
        ifMatch.startsWith("W/") ||
        ifMatch !== (habits.ifMatch === "quoted" ? `"${etag}"` : etag))
    switch (method) {
      case "GET":
        return text === undefined
          ? { status: 404 }
          : { status: 200, body: text, headers: etag === undefined ? {} : { etag } }
      case "PUT": {
        if (headers["if-none-match"] === "*" && text !== undefined) return { status: 412 }
        if (isOther) return { status: 412 }
        const uid = /^UID:(.*)$/m.exec(body)?.[1]
        const twin = [...objects].find(([other, one]) => other !== name && /^UID:(.*)$/m.exec(one)?.[1] === uid)
        if (twin !== undefined) {
          const conflict = `<C:no-uid-conflict xmlns:C="urn:ietf:params:xml:ns:caldav"><D:href>${href(twin[0])}</D:href>`
          return { status: 409, body: `${errorOpen}${conflict}</C:no-uid-conflict></D:error>` }
        }
        const stored = habits.stored(body)
        put(habits.renamed(name), stored)
        const now = etagOf(stored)
        return {
          status: text === undefined ? 201 : 204,
          headers: habits.etagOnPut && now !== undefined ? { etag: now } : {}
        }
      }
      case "DELETE":
        if (text === undefined) return { status: ifMatch === undefined ? 404 : 412 }
        if (isOther) return { status: 412 }
        remove(name)
        return { status: 204 }
      default:
        return { status: 405 }
    }
  }

  const respond = (request: Asked, response: ServerResponse) => {
    const instead = habits.instead(request)
    if (instead === "hang") return
    const { body = "", cutAfter, headers = {}, status: code } = habits.change(request, instead ?? answerTo(request))
    const bytes = Buffer.from(body)
    const hasBody = code !== 204
    response.writeHead(code, {
      "content-type": body.startsWith("<?xml") ? "application/xml; charset=utf-8" : "text/calendar; charset=utf-8",
      ...(hasBody ? { "content-length": String(bytes.length) } : {}),
      ...headers
    })
    if (cutAfter === undefined) response.end(hasBody ? bytes : undefined)
    else response.write(bytes.subarray(0, cutAfter), () => response.socket?.destroy())
  }

  const server = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on("data", (chunk: Buffer) => chunks.push(chunk))
    request.on("end", () => {
      const one: Asked = {
        method: request.method ?? "",
        path: new URL(request.url ?? "/", "http://localhost").pathname,
        headers: request.headers,
        body: Buffer.concat(chunks).toString()
      }
      asked.push(one)
      respond(one, response)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  const address = server.address()
  const port = typeof address === "object" && address !== null ? address.port : 0
  return {
    url: `http://127.0.0.1:${port}`,
    habits,
    asked,
    objects,
    put,
    remove,
    loseTokens: () => {
      log.push("")
      log.pop()
      oldestToken = log.length + 1
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
  }
}
