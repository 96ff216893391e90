/**
 * Checks what the compiler does not: which packages may import which, that libraries import modules and not barrels, that
 * the unstable parts of Effect are met where they belong, and that no modules import each other in a circle.
 */
import { readdirSync, readFileSync } from "node:fs"
import { dirname, join, normalize, relative } from "node:path"

interface Rule {
  readonly folder: string
  /** Workspace packages that it may import. */
  readonly workspace: ReadonlyArray<string>
  /** Whether it may import `node:` modules and `@effect/platform-node`. */
  readonly node: boolean
}

// Direction: core imports effect only; adapters never meet each other; apps import all (docs/architecture.md).
const rules: ReadonlyArray<Rule> = [
  { folder: "packages/core", workspace: [], node: false },
  { folder: "packages/sqlite-client", workspace: [], node: true },
  { folder: "packages/adapter-sql", workspace: ["core", "sqlite-client"], node: true },
  { folder: "packages/server", workspace: ["core"], node: false },
  { folder: "packages/adapter-bookio", workspace: ["core"], node: false },
  { folder: "packages/gateway", workspace: ["core"], node: true },
  { folder: "packages/webhooks", workspace: ["core"], node: true },
  { folder: "packages/conformance", workspace: ["core"], node: false },
  { folder: "packages/adapter-icalendar", workspace: ["core"], node: true },
  { folder: "packages/sync", workspace: ["core"], node: true },
  {
    folder: "apps/sync-worker",
    workspace: ["core", "sync", "adapter-bookio", "adapter-sql", "adapter-icalendar", "sqlite-client", "server"],
    node: true
  },
  {
    folder: "apps/http-proxy",
    workspace: ["core", "sqlite-client", "adapter-sql", "adapter-bookio", "server", "gateway", "webhooks"],
    node: true
  },
  { folder: "apps/conformance-cli", workspace: ["core", "adapter-bookio", "conformance"], node: true },
  {
    folder: "apps/cli",
    workspace: [
      "core",
      "sqlite-client",
      "adapter-sql",
      "adapter-bookio",
      "server",
      "conformance",
      "sync",
      "http-proxy",
      "conformance-cli",
      "sync-worker"
    ],
    node: true
  },
  { folder: "examples/skeleton-adapter", workspace: ["core"], node: false }
]

// What `effect` tags as unstable, and the packages that may meet it (docs/architecture.md).
const unstable: { readonly [module: string]: ReadonlyArray<string> } = {
  "effect/http-api": ["packages/core", "packages/server", "packages/adapter-bookio"],
  "effect/http": [
    "packages/core",
    "packages/server",
    "packages/adapter-bookio",
    "packages/gateway",
    "packages/adapter-icalendar",
    "apps/sync-worker",
    "apps/http-proxy",
    "apps/conformance-cli",
    "apps/cli"
  ],
  "effect/cli": ["apps/cli", "apps/conformance-cli", "apps/sync-worker"],
  "effect/observability": ["packages/server", "apps/http-proxy", "apps/sync-worker"],
  "effect/persistence": ["packages/adapter-bookio"],
  // The app: the gateway's database, for neither the gateway nor an adapter may know of the other.
  "effect/sql": ["packages/sqlite-client", "packages/adapter-sql", "apps/http-proxy", "apps/cli"]
}

const filesOf = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
    .map((entry) => join(entry.parentPath, entry.name))

// Comments hold examples, whose imports are no imports.
const importsOf = (file: string): ReadonlyArray<{ readonly specifier: string; readonly isType: boolean }> =>
  [
    ...readFileSync(file, "utf8")
      .replace(/\/\*[\s\S]*?\*\//g, "")
      .matchAll(/^\s*(?:import|export)\s+(type\s+)?(?:[^"'`;]*?\sfrom\s+)?["']([^"']+)["']/gm)
  ].map(([, type, specifier]) => ({ specifier: specifier ?? "", isType: type !== undefined }))

const problems: Array<string> = []
const graph = new Map<string, ReadonlyArray<string>>()

for (const rule of rules) {
  for (const file of filesOf(join(rule.folder, "src"))) {
    const imports = importsOf(file)
    graph.set(
      file,
      imports
        .filter(({ isType, specifier }) => specifier.startsWith(".") && !isType)
        .map(({ specifier }) => normalize(join(dirname(file), specifier)))
    )
    for (const { specifier } of imports) {
      const workspace = /^@bookio-kit\/([^/]+)/.exec(specifier)?.[1]
      if (workspace !== undefined && !rule.workspace.includes(workspace)) {
        problems.push(`${file}: ${rule.folder} must not import @bookio-kit/${workspace}`)
      }
      if (!rule.node && (specifier.startsWith("node:") || specifier.startsWith("@effect/platform-node"))) {
        problems.push(`${file}: ${rule.folder} must not import ${specifier}`)
      }
      if (specifier === "effect" || /^effect\/(http|http-api|sql|schema)$/.test(specifier)) {
        problems.push(`${file}: import the module instead of the barrel ${specifier}`)
      }
      for (const [module, folders] of Object.entries(unstable)) {
        if ((specifier === module || specifier.startsWith(`${module}/`)) && !folders.includes(rule.folder)) {
          problems.push(`${file}: ${rule.folder} must not meet ${module}`)
        }
      }
      if (
        specifier.startsWith(".") &&
        relative(join(rule.folder, "src"), join(dirname(file), specifier)).startsWith("..")
      ) {
        problems.push(`${file}: ${specifier} leaves the package`)
      }
    }
  }
}

const done = new Set<string>()
const visit = (file: string, path: ReadonlyArray<string>): void => {
  const at = path.indexOf(file)
  if (at >= 0) {
    problems.push(`modules import each other: ${[...path.slice(at), file].join(" -> ")}`)
    return
  }
  if (done.has(file)) return
  for (const next of graph.get(file) ?? []) visit(next, [...path, file])
  done.add(file)
}
for (const file of graph.keys()) visit(file, [])

for (const problem of problems) process.stderr.write(`${problem}\n`)
process.exitCode = problems.length === 0 ? 0 : 1
