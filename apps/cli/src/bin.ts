#!/usr/bin/env node
// Answers `--version` before anything is loaded; everything else is loaded with Node's compile cache on, which must be
// switched on before the modules that it is for, hence the dynamic import.
import { readFileSync } from "node:fs"

if (process.argv[2] === "--version" && process.argv.length === 3) {
  const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))
  process.stdout.write(`bookio ${version}\n`)
} else {
  const { main } = await import("./Main.ts")
  await main(process.argv.slice(2))
}
