/** What a user downloads: each package as npm packs it. */
import { execFileSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { Contender, Suite } from "../Suite.ts"

const root = fileURLToPath(new URL("../../..", import.meta.url))

const packages = (): ReadonlyArray<Contender> =>
  ["packages", "apps"].flatMap((folder) =>
    readdirSync(join(root, folder)).flatMap((name) => {
      const path = join(root, folder, name)
      const described = readManifest(path)
      if (described === undefined || described.private === true) return []
      return [
        {
          name: described.name,
          measure: async () => {
            const packed = execFileSync("npm", ["pack", "--dry-run", "--json", "--ignore-scripts"], {
              cwd: path,
              encoding: "utf8",
              stdio: ["ignore", "pipe", "ignore"]
            })
            // Newer versions of npm give an object by name, older ones a list.
            const [told] = Object.values(
              JSON.parse(packed) as { readonly [key: string]: { size: number; unpackedSize: number } }
            )
            return { kib: (told?.size ?? Number.NaN) / 1024, unpackedKib: (told?.unpackedSize ?? Number.NaN) / 1024 }
          }
        }
      ]
    })
  )

const readManifest = (path: string): { readonly name: string; readonly private?: boolean } | undefined => {
  try {
    return JSON.parse(readFileSync(join(path, "package.json"), "utf8"))
  } catch {
    return undefined
  }
}

export const sizes: Suite = {
  name: "sizes",
  title: "Packages as npm packs them, with what was built",
  rounds: 1,
  warmUp: false,
  metrics: ["kib", "unpackedKib"],
  goals: [],
  prepare: async (run) => ({ contenders: run.quick ? packages().slice(0, 1) : packages() })
}
