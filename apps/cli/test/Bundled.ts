/** Bundles the command once for all test files, as it is shipped: so that Node keeps what it has compiled of it, too. */
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import type { TestProject } from "vitest/node"
import { bundle } from "../scripts/bundle.ts"

declare module "vitest" {
  interface ProvidedContext {
    /** The path of `bookio.js`. */
    readonly bookio: string
  }
}

export default async (project: TestProject) => {
  const folder = mkdtempSync(join(tmpdir(), "bookio-cli-bundle-"))
  const dist = join(folder, "dist")
  mkdirSync(dist)
  copyFileSync(fileURLToPath(new URL("../package.json", import.meta.url)), join(folder, "package.json"))
  await bundle(dist)
  project.provide("bookio", join(dist, "bookio.js"))
  return () => rmSync(folder, { recursive: true, force: true })
}
