/** The OpenAPI document and the page of the reference: both from the definition, both without the internet. */
import { execFile } from "node:child_process"
import { existsSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { promisify } from "node:util"
import { routes } from "@bookio-kit/core/api/BookioApi"
import { openApiDocument } from "@bookio-kit/core/api/Document"
import { afterAll, beforeAll, expect, it } from "vitest"
import { type ProxyProcess, startProxy } from "../../src/Proxy.ts"
import { basePath, seed, send } from "./Support.ts"

const chromium = "/usr/bin/chromium"

let proxy: ProxyProcess

beforeAll(async () => {
  proxy = await startProxy({ seed })
})
afterAll(() => proxy.stop())

it("/openapi.json is the definition's document, with all operations, for everyone", async () => {
  const answer = await send(proxy.url, { path: "/openapi.json", token: null })
  expect([answer.status, answer.headers["content-type"]]).toEqual([200, "application/json"])
  const document = JSON.parse(answer.text) as { paths: { [path: string]: { [method: string]: unknown } } }
  expect(document).toEqual(JSON.parse(JSON.stringify(openApiDocument())))
  const documented = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`)
  )
  const defined = routes().map(({ method, path }) => `${method} ${basePath}${path.replace(/:(\w+)/g, "{$1}")}`)
  const extension = [
    "GET /ext/v1/slots",
    "GET /ext/v1/audit",
    "GET /ext/v1/events",
    "GET /ext/v1/webhooks",
    "POST /ext/v1/webhooks",
    "DELETE /ext/v1/webhooks/{webhookId}",
    "PUT /ext/v1/webhooks/{webhookId}/secret",
    "GET /ext/v1/webhooks/undelivered",
    "POST /ext/v1/webhooks/undelivered/{undeliveredId}/redeliver"
  ]
  expect(documented.sort()).toEqual([...defined, ...extension].sort())
})

it("/docs loads nothing by itself: no address of another host in its markup, and a policy that forbids the rest", async () => {
  const answer = await send(proxy.url, { path: "/docs", token: null })
  expect([answer.status, answer.headers["content-type"]]).toEqual([200, "text/html"])
  const policy = String(answer.headers["content-security-policy"])
  expect(policy.split("; ")).toContain("default-src 'none'")
  expect(policy.split("; ")).toContain("connect-src 'self'")
  expect(policy).not.toMatch(/https?:|\*/)
  // What is inside a script is data to the page; the policy speaks about that.
  const markup = answer.text.replace(/(<script\b[^>]*>)[\s\S]*?<\/script>/g, "$1")
  expect(markup).toMatch(/<script/)
  expect(markup).not.toMatch(/(?:src|href|action)\s*=\s*["']?(?:https?:)?\/\//i)
  expect(markup).not.toMatch(/@import|url\(/i)
  // The document stands in the page itself.
  expect(answer.text).toContain("reservations.createReservation")
})

it("/ leads to the page", async () => {
  const answer = await send(proxy.url, { path: "/", token: null })
  expect([answer.status, answer.headers.location]).toEqual([302, "/docs"])
})

// Needs a browser: apt-get install -y --no-install-recommends chromium
it.skipIf(!existsSync(chromium))(
  "/docs shows the operations in a browser that reaches nothing but this machine",
  async () => {
    const profile = mkdtempSync(join(tmpdir(), "bookio-chromium-"))
    try {
      const { stdout } = await promisify(execFile)(
        chromium,
        [
          "--headless",
          "--no-sandbox",
          "--disable-gpu",
          "--disable-dev-shm-usage",
          `--user-data-dir=${profile}`,
          "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
          "--virtual-time-budget=20000",
          "--dump-dom",
          `${proxy.url}/docs`
        ],
        { maxBuffer: 64 * 1024 * 1024, timeout: 80_000 }
      )
      const shown = stdout.replace(/<script\b[\s\S]*?<\/script>/g, "").replace(/<style\b[\s\S]*?<\/style>/g, "")
      // The page builds what comes into view: the first group with its operations, and the names of all groups.
      const expected = ["Returns a list of CGM facilities.", "Facilities", "Calendars", "Reservations", "Blocked times"]
      expect(expected.filter((text) => !shown.includes(text))).toEqual([])
    } finally {
      rmSync(profile, { recursive: true, force: true })
    }
  },
  90_000
)
