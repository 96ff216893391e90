#!/usr/bin/env node
// A start takes half the time with Node's compile cache, which must be on before the modules that it is for are loaded. It
// lies in the user's own folder: whoever could write it would have the server run what they like.
import { enableCompileCache } from "node:module"
import { homedir } from "node:os"
import { join } from "node:path"

if (process.env.NODE_COMPILE_CACHE === undefined) {
  const caches = process.env.XDG_CACHE_HOME || join(homedir(), ".cache")
  enableCompileCache(join(caches, "bookio", "compiled"))
}
await import("./Launch.ts")
