/** Bundles the command into `bookio.js` and the chunks that it loads when they are used. */
import { globSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Writes the bundle into a folder, whose parent has package.json. */
export const bundle = async (dir: string): Promise<void> => {
  // A chunk's name changes with its content.
  for (const old of globSync(join(dir, "*.js"))) rmSync(old)
  const build = await rolldown({
    input: { bookio: here("../src/bin.ts") },
    platform: "node",
    resolve: { conditionNames: ["node", "import"] }
  })
  await build.write({
    dir,
    format: "esm",
    entryFileNames: "[name].js",
    chunkFileNames: "chunk-[name]-[hash].js",
    minify: { mangle: false, compress: true, codegen: { removeWhitespace: true } }
  })
  await build.close()
}

if (import.meta.main) await bundle(here("../dist"))
