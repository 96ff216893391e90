/** The apps as they are published, bundled: built again where a source is newer than the bundle. */
import { execFileSync } from "node:child_process"
import { existsSync, globSync, statSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))

interface Bundle {
  readonly file: string
  /** Where the script is run that makes it. */
  readonly folder: string
  readonly script: string
}

const bundles = {
  proxy: { file: "apps/http-proxy/bundle/main.js", folder: "apps/http-proxy", script: "../../scripts/bundleApp.ts" },
  cli: { file: "apps/cli/dist/bookio.js", folder: "apps/cli", script: "scripts/bundle.ts" }
} as const satisfies { readonly [name: string]: Bundle }

const given = { proxy: process.env.BOOKIO_BENCH_PROXY, cli: process.env.BOOKIO_BENCH_CLI }

const isFresh = (file: string): boolean => {
  if (!existsSync(file)) return false
  const builtMs = statSync(file).mtimeMs
  const sources = globSync("{packages,apps}/*/src/**/*.ts", { cwd: root })
  return sources.every((source) => statSync(join(root, source)).mtimeMs <= builtMs)
}

/** The file of an app to run: what the environment names, or its bundle. */
export const bundled = (name: keyof typeof bundles): string => {
  const { file, folder, script } = bundles[name]
  return given[name] ?? buildOnce(join(root, file), join(root, folder), script)
}

const built = new Set<string>()

const buildOnce = (file: string, folder: string, script: string): string => {
  if (!built.has(file) && !isFresh(file)) {
    execFileSync(process.execPath, [script], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] })
  }
  built.add(file)
  return file
}

/** How Node's compile cache is told a place of this run's own, by its folder of databases. */
export const compileCache = (cache: string) => ({ XDG_CACHE_HOME: join(cache, "compiled") })
