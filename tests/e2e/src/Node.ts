/** What every process of these tests gets from the one that runs them. */
import { fileURLToPath } from "node:url"

/**
 * The environment of a process before its own settings. Node keeps in a folder what it has compiled: hundreds of processes
 * are started here, and most of a start is reading the same sources again.
 */
export const nodeEnv = {
  PATH: process.env.PATH,
  TZ: "UTC",
  NODE_COMPILE_CACHE: fileURLToPath(new URL("../node_modules/.cache/node", import.meta.url))
}
