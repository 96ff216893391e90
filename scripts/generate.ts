/**
 * Writes what is made from the code: the settings page, the route table, the JSON Schemas of seeds and of the sync worker's
 * settings. With `--check` it only tells which of them are out of date.
 */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname } from "node:path"
import { Seed } from "@bookio-kit/adapter-sql/seed/Seed"
import { routes } from "@bookio-kit/core/api/BookioApi"
import { settingsTable } from "@bookio-kit/core/settings/Settings"
import { remoteSettings, settings } from "@bookio-kit/http-proxy/Settings"
import * as Schema from "effect/Schema"
import { cliPage, transcriptPage } from "../apps/cli/src/Page.ts"
import { entries } from "../apps/cli/src/Registry.ts"
import * as CliTarget from "../apps/cli/src/Target.ts"
import { syncSchema, syncTable } from "./syncSettings.ts"
import { terminalSvg } from "./terminalSvg.ts"

const routeTable = [
  "| # | operation | method and path | the path is |",
  "| --- | --- | --- | --- |",
  ...routes().map(
    ({ method, operation, path, provenance }, index) =>
      `| ${index + 1} | \`${operation}\` | \`${method} ${path.replace(/:(\w+)/g, "{$1}")}\` | ${
        provenance === "sister API" ? "documented by the sister API" : provenance
      } |`
  )
].join("\n")

const seedSchema = () => {
  const document = Schema.toJsonSchemaDocument(Seed)
  return `${JSON.stringify(
    {
      $schema: "https://json-schema.org/draft/2020-12/schema",
      title: "Seed of bookio-kit",
      ...document.schema,
      $defs: document.definitions
    },
    null,
    2
  )}\n`
}

const configuration = `# Configuration

Generated from the code by \`pnpm generate\`; do not edit.

## bookio-proxy

${settingsTable(settings)}

With \`BOOKIO_BACKEND=remote\`, where \`BOOKIO_DATABASE\`, \`BOOKIO_SEED\` and \`BOOKIO_AUDIT_DAYS\` mean nothing, besides
([gateway.md](gateway.md)):

${settingsTable(remoteSettings)}

A wrong setting stops the start: one line on standard error for each, naming it and what would be right, and exit code 78.

## bookio-sync

The members of its settings file ([sync.md](sync.md)), in YAML or JSON; \`[]\` stands for each one of a list. Its JSON Schema is
[sync.schema.json](sync.schema.json). The environment holds the secrets that the file names, and may hold
\`BOOKIO_SYNC_CONFIG\`, the file's path, which is \`bookio-sync.yaml\` otherwise.

${syncTable()}
`

/** Replaces what stands between the two marks of a page. */
const between = (page: string, mark: string, content: string): string => {
  const [from, to] = [`<!-- generated: ${mark} -->`, "<!-- end of generated -->"]
  const text = readFileSync(page, "utf8")
  const start = text.indexOf(from)
  const end = text.indexOf(to, start)
  if (start < 0 || end < 0) throw new Error(`${page} lacks the marks of ${mark}`)
  return `${text.slice(0, start + from.length)}\n${content}\n${text.slice(end)}`
}

const golden = (name: string): string => readFileSync(`apps/cli/test/golden/${name}.txt`, "utf8")

const files: { readonly [path: string]: () => string } = {
  // The runs of the tests, which fail when they are no longer so.
  "docs/cli.md": () =>
    cliPage(
      entries,
      settingsTable({ ...CliTarget.settings, ...CliTarget.remoteSettings }),
      ["agenda-day", "slots-json", "reservations-create-full"].map(golden)
    ),
  "docs/cli-transcript.md": () => transcriptPage(golden("session")),
  "docs/cli-agenda.svg": () => terminalSvg("bookio agenda 2040-06-05 --facility 2", golden("agenda-colors")),
  "docs/configuration.md": () => configuration,
  "docs/sync.schema.json": syncSchema,
  "packages/adapter-sql/schema/seed.schema.json": seedSchema,
  "README.md": () => between("README.md", "routes", routeTable)
}

const isCheck = process.argv.includes("--check")
const read = (path: string) => {
  try {
    return readFileSync(path, "utf8")
  } catch {
    return undefined
  }
}

for (const [path, make] of Object.entries(files)) {
  const content = make()
  if (read(path) === content) continue
  if (isCheck) {
    process.stderr.write(`${path} is out of date: run pnpm generate\n`)
    process.exitCode = 1
  } else {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, content)
    process.stdout.write(`wrote ${path}\n`)
  }
}
