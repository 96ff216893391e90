/** What the HTTP suites share: how `bookio-proxy` is started, how a server is loaded, and the answers that are compared. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { bundled, compileCache } from "./Bundles.ts"
import { token } from "./Data.ts"
import { cpuMs, type Server, type ServerOptions, type Worker } from "./Processes.ts"
import type { Run, Sample } from "./Suite.ts"
import type { Load, LoadResult } from "./workers/Load.ts"

/** Where the API lies. */
export const basePath = "/public/api/v1"

export const authorization = { Authorization: `Bearer ${token}` }

/** A file of this package that runs by itself. */
export const serverFile = (name: string): string => fileURLToPath(new URL(`servers/${name}.ts`, import.meta.url))

/** Starts `bookio-proxy` on a free port. */
export const startProxy = (run: Run, env: NonNullable<ServerOptions["env"]>): Promise<Server> =>
  run.processes.server(bundled("proxy"), {
    core: 0,
    env: { BOOKIO_PROXY_PORT: "0", ...compileCache(run.cache), ...env }
  })

/** Gets an answer once and keeps it as a file for the peers that hand it out. */
export const keepAnswer = async (run: Run, url: string, name: string): Promise<{ file: string; bytes: number }> => {
  const answer = await fetch(url, { headers: authorization })
  const body = Buffer.from(await answer.arrayBuffer())
  if (answer.status !== 200) throw new Error(`${url}: ${answer.status} ${body.toString()}`)
  const file = join(run.processes.folder, name)
  writeFileSync(file, body)
  return { file, bytes: body.length }
}

/** Loads a server and tells requests a second, CPU time of the server for each, and latencies. */
export const loaded = async (
  worker: Worker,
  server: Server,
  load: Omit<Load, "origin" | "paths"> & { readonly path: string | ReadonlyArray<string> }
): Promise<Sample> => {
  const before = cpuMs(server.pid)
  const { path, ...asked } = load
  const given: Load = { ...asked, origin: server.url, paths: typeof path === "string" ? [path] : path }
  const { count, p50Ms, p99Ms, seconds } = await worker.call<LoadResult>("run", given)
  return {
    perSecond: count / seconds,
    cpuMicros: ((cpuMs(server.pid) - before) * 1000) / count,
    p50Ms,
    p99Ms,
    count
  }
}
