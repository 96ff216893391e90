/** What the figures were taken on and with. */
import { execFileSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { arch, availableParallelism, cpus, loadavg, platform, release, totalmem } from "node:os"
import { DatabaseSync } from "node:sqlite"
import { pinned } from "./Processes.ts"

export interface Machine {
  readonly [what: string]: string
}

/** The version of an installed package. */
const versionOf = (name: string): string => {
  // Not every package exports its package.json; each has it above what it does export.
  let folder = new URL(".", import.meta.resolve(name))
  for (;;) {
    try {
      const found = JSON.parse(readFileSync(new URL("package.json", folder), "utf8")) as {
        name?: string
        version?: string
      }
      if (found.name === name && found.version !== undefined) return found.version
    } catch {
      // No package.json here.
    }
    const above = new URL("..", folder)
    if (above.href === folder.href) return "unknown"
    folder = above
  }
}

const outputOf = (command: string, args: ReadonlyArray<string>): string => {
  try {
    return execFileSync(command, args, { stdio: ["ignore", "pipe", "pipe"], encoding: "utf8" })
  } catch {
    return ""
  }
}

/** Machine and versions of this run. */
export const describeMachine = (): Machine => {
  const db = new DatabaseSync(":memory:")
  const sqlite = db.prepare("SELECT sqlite_version() AS version").get() as { readonly version: string }
  db.close()
  const commit = outputOf("git", ["rev-parse", "--short", "HEAD"]).trim()
  const isChanged = outputOf("git", ["status", "--porcelain"]) !== ""
  return {
    system: `${platform()} ${release()} ${arch()}`,
    processor: cpus()[0]?.model.trim() ?? "unknown",
    cores: `${availableParallelism()}${pinned ? ", servers on the first, load and upstreams on the second" : ""}`,
    memory: `${Math.round(totalmem() / 2 ** 30)} GiB`,
    "load before the run": loadavg()
      .map((load) => load.toFixed(2))
      .join(" "),
    commit: `${commit || "unknown"}${isChanged ? ", with changes" : ""}`,
    Node: process.versions.node,
    SQLite: sqlite.version,
    effect: versionOf("effect"),
    fastify: versionOf("fastify"),
    "better-sqlite3": versionOf("better-sqlite3"),
    undici: versionOf("undici"),
    zod: versionOf("zod")
  }
}
