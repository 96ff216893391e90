/** Where the worker of `pnpm start` keeps its settings, and what they are: of the demonstration's general practice only. */
import { basename, dirname, join } from "node:path"

/** What the worker of the demonstration works with; paths are relative to where the server runs. */
export interface Demonstration {
  /** Scheme, host and port of the server. */
  readonly origin: string
  /** The settings file. */
  readonly config: string
  /** The folder of .ics files. */
  readonly folder: string
  /** The worker's journal, and the database that it is about. */
  readonly journal: string
  readonly database: string
  /** What the settings file holds where there is none yet. */
  readonly text: string
}

/**
 * The demonstration that the environment of `bookio-proxy` describes; `undefined` where it is none, or one that cannot be
 * found. Journal and folder belong to the database, for two journals on one channel would disturb each other; the settings
 * file names the port, and so has it in its name where it is not the usual one.
 */
export const demonstrationOf = (environment: {
  readonly [name: string]: string | undefined
}): Demonstration | undefined => {
  const given = (name: string, fallback: string) => environment[name] || fallback
  const [, filename = ""] = /^sqlite:(.+)$/.exec(given("BOOKIO_DATABASE", "sqlite:data/bookio.db")) ?? []
  const port = given("BOOKIO_PROXY_PORT", "8080")
  const isOne =
    given("BOOKIO_BACKEND", "embedded") === "embedded" &&
    /^demo(:\d+)?$/.test(given("BOOKIO_SEED", "demo")) &&
    /^[1-9]\d*$/.test(port) &&
    filename !== "" &&
    filename !== ":memory:"
  if (!isOne) return undefined
  const host = given("BOOKIO_PROXY_HOST", "127.0.0.1")
  const origin = `http://${host.includes(":") ? `[${host}]` : host}:${port}`
  const name = basename(filename).replace(/\.[^.]+$/, "")
  // The usual database has the folder to itself; others may lie side by side.
  const folder = name === "bookio" ? "practice/novak" : `${name}-practice/novak`
  const text = `# Written by pnpm start for its demonstration, and yours to change: docs/sync.md.
journal: ${JSON.stringify(`${name}-sync.db`)}
facilities:
  - name: General practice
    facilityId: 1
    bookio:
      baseUrl: ${origin}/public/api/v1
      token: \${BOOKIO_SYNC_TOKEN} # the environment variable that holds it; here: demo-sync
      extensions: true
      identity: ${JSON.stringify(`demonstration ${name}`)}
    interval: 5 seconds
    calendars:
      - name: novak
        serves: [1]
        vdir:
          path: ${JSON.stringify(folder)}
          create: true
`
  return {
    origin,
    config: join(dirname(filename), `${name}-sync${port === "8080" ? "" : `-${port}`}.yaml`),
    folder: join(dirname(filename), folder),
    journal: join(dirname(filename), `${name}-sync.db`),
    database: filename,
    text
  }
}
