/** Bundles the command into `bookio.js` and the chunks that it loads when they are used. */
import { globSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Plugin, rolldown } from "rolldown"

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// To find and compile a file costs more than to skip some of what it holds: what the everyday commands share is one file,
// and what the ports of an engine and of a server add to it is one each. What answers without Effect is one by itself.
const everyday = globSync("{agenda,blocked-times,calendars,facilities,reservations,slots}/*.ts", {
  cwd: here("../src/commands")
}).sort()

const roots = {
  main: ["../src/Main.ts"],
  base: ["../src/Run.ts", ...everyday.map((folder) => `../src/commands/${folder}`)],
  engine: ["../src/backend/Embedded.ts"],
  remote: ["../src/backend/Remote.ts"]
}

type Group = keyof typeof roots

/** The group of each module: the first that needs it, and `base` for what both backends need. */
const groupsOf = (importsOf: (id: string) => ReadonlyArray<string>): ReadonlyMap<string, Group> => {
  const reached = (group: Group) => {
    const seen = new Set<string>()
    const next = roots[group].map(here)
    for (let id = next.pop(); id !== undefined; id = next.pop()) {
      if (seen.has(id)) continue
      seen.add(id)
      next.push(...importsOf(id))
    }
    return seen
  }
  const [main, base, engine, remote] = (["main", "base", "engine", "remote"] as const).map(reached)
  const groups = new Map<string, Group>()
  for (const id of remote ?? []) groups.set(id, engine?.has(id) === true ? "base" : "remote")
  for (const id of engine ?? []) if (!groups.has(id)) groups.set(id, "engine")
  for (const id of base ?? []) groups.set(id, "base")
  for (const id of main ?? []) groups.set(id, "main")
  return groups
}

// `bookio api` on a database answers by the server's handlers, of which nobody sees the page: three megabytes of scripts.
const withoutScripts: Plugin = {
  name: "without-scripts",
  load: (id) => (id.endsWith("/http-api/internal/httpApiScalar.js") ? 'export const javascript = ""' : null)
}

/** Writes the bundle into a folder, whose parent has package.json. */
export const bundle = async (dir: string): Promise<void> => {
  // A chunk's name changes with its content.
  for (const old of globSync(join(dir, "*.js"))) rmSync(old)
  let groups: ReadonlyMap<string, Group> = new Map()
  const grouping: Plugin = {
    name: "grouping",
    buildEnd() {
      groups = groupsOf((id) => this.getModuleInfo(id)?.importedIds ?? [])
    }
  }
  const build = await rolldown({
    input: { bookio: here("../src/bin.ts") },
    platform: "node",
    plugins: [grouping, withoutScripts],
    resolve: { conditionNames: ["node", "import"] }
  })
  await build.write({
    dir,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunk-[name]-[hash].js",
    codeSplitting: { groups: Object.keys(roots).map((name) => ({ name, test: (id) => groups.get(id) === name })) },
    minify: { mangle: false, compress: true, codegen: { removeWhitespace: true } }
  })
  await build.close()
}

if (import.meta.main) await bundle(here("../dist"))
