/** Bundles the command into `bookio.js` and the chunks that it loads when they are used. */
import { globSync, rmSync } from "node:fs"
import { isBuiltin } from "node:module"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { type Plugin, rolldown } from "rolldown"

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

// To find and compile a file costs more than to skip some of what it holds, and to build the schemas of a request that is not
// made costs more than to find another file. So what the everyday commands share is one file, what those that write add to
// it another, and what the ports of an engine and of a server add to these is one each. What answers without Effect is one
// by itself.
const everyday = globSync("{agenda,blocked-times,calendars,facilities,reservations,slots}/*.ts", {
  cwd: here("../src/commands")
}).sort()
const reading = everyday.filter((file) => /\/(list|show|slots|agenda)\.ts$/.test(file))
const command = (file: string) => `../src/commands/${file}`

const roots = {
  main: ["../src/Main.ts"],
  base: ["../src/Run.ts", ...reading.map(command)],
  forms: everyday.map(command),
  engine: ["../src/backend/Embedded.ts"],
  remote: ["../src/backend/Remote.ts"]
}

type Group = keyof typeof roots

/** The group of each module, so that none needs one of a file that is not loaded with its own. */
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
  const [main, base, forms, engine, remote] = (["main", "base", "forms", "engine", "remote"] as const).map(reached)
  const groups = new Map<string, Group>()
  for (const id of remote ?? []) groups.set(id, "remote")
  for (const id of engine ?? []) groups.set(id, groups.has(id) ? "base" : "engine")
  for (const id of forms ?? []) groups.set(id, engine?.has(id) === true ? "base" : "forms")
  for (const id of base ?? []) groups.set(id, "base")
  for (const id of [...(main ?? []), "\0rolldown/runtime.js"]) groups.set(id, "main")
  return groups
}

// An import of `node:fs` by its names asks for all of them, which loads the streams too, and `node:crypto` takes as long as
// all of this project's rules. What these export is therefore asked for when it is called.
const whenCalled = new Set([
  "node:crypto",
  "node:fs",
  "node:fs/promises",
  "node:os",
  "node:path",
  "node:stream/consumers"
])
const virtual = "\0when-called:"
const builtinsWhenCalled: Plugin = {
  name: "builtins-when-called",
  resolveId: (source) => (whenCalled.has(source) ? { id: `${virtual}${source}`, moduleSideEffects: false } : null),
  async load(id) {
    if (!id.startsWith(virtual)) return null
    const name = id.slice(virtual.length)
    if (!isBuiltin(name)) throw new Error(`${name} is none of Node`)
    const get = `process.getBuiltinModule(${JSON.stringify(name)})`
    const names = Object.entries(await import(name)).filter(([key]) => key !== "default")
    return [
      ...names.map(([key, value]) =>
        typeof value === "function" && /^[a-z]/.test(key)
          ? `export const ${key} = (...args) => ${get}.${key}(...args)`
          : `export const ${key} = /* @__PURE__ */ (() => ${get}.${key})()`
      ),
      `export default /* @__PURE__ */ (() => ${get})()`
    ].join("\n")
  }
}

// Node reads a file of ASCII faster, and keeps it in half the room. Texts, templates and regular expressions mean the same.
const inAscii: Plugin = {
  name: "in-ascii",
  generateBundle(_, files) {
    for (const file of Object.values(files)) {
      if (file.type !== "chunk") continue
      file.code = file.code.replace(
        /[\u0080-\uffff]/g,
        (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`
      )
    }
  }
}

// `bookio api` on a database answers by the server's handlers, of which nobody sees the page: three megabytes of scripts.
const withoutScripts: Plugin = {
  name: "without-scripts",
  load: (id) => (id.endsWith("/http-api/internal/httpApiScalar.js") ? 'export const javascript = ""' : null)
}

// What is loaded when it is used lies in a file with others, and rolldown makes a file more for each that only passes its
// names on. To find, read and link one takes Node as long as forty kilobytes of code.
const withoutFacades: Plugin = {
  name: "without-facades",
  generateBundle(_, files) {
    const facade = /^export\{([^}]*)\}from"\.\/([^"]+)";\s*$/
    for (const [name, file] of Object.entries(files)) {
      const [, names, target] = (file.type === "chunk" && facade.exec(file.code)) || []
      if (names === undefined || target === undefined) continue
      const members = names.split(",").map((one) => {
        const [inner, outer = inner] = one.split(" as ")
        return `${outer}:m.${inner}`
      })
      for (const other of Object.values(files)) {
        if (other.type !== "chunk") continue
        other.code = other.code.replaceAll(
          `import(\`./${name}\`)`,
          () => `import(\`./${target}\`).then(m=>({${members.join(",")}}))`
        )
      }
      delete files[name]
      if (Object.values(files).some((other) => other.type === "chunk" && other.code.includes(name))) {
        throw new Error(`${name} is imported in a way that without-facades does not know`)
      }
    }
  }
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
    plugins: [grouping, withoutScripts, builtinsWhenCalled, withoutFacades, inAscii],
    resolve: { conditionNames: ["node", "import"] }
  })
  await build.write({
    dir,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunk-[name]-[hash].js",
    codeSplitting: { groups: Object.keys(roots).map((name) => ({ name, test: (id) => groups.get(id) === name })) },
    minify: { mangle: { toplevel: true, keepNames: true }, compress: true, codegen: { removeWhitespace: true } }
  })
  await build.close()
}

if (import.meta.main) await bundle(here("../dist"))
