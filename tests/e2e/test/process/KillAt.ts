/**
 * Loaded into the server by `--import`: ends it by SIGKILL just before it runs its KILL_AT-th statement of SQL, counted
 * from the start, or from the first statement that binds the text KILL_MARK where that is set.
 */
import { StatementSync } from "node:sqlite"

const at = Number(process.env.KILL_AT)
const mark = process.env.KILL_MARK
let armed = mark === undefined
let count = 0

const prototype = StatementSync.prototype as unknown as Record<string, (...params: Array<unknown>) => unknown>
for (const method of ["all", "get", "run"]) {
  const original = prototype[method]!
  prototype[method] = function (...params) {
    armed ||= params.includes(mark)
    if (armed) count += 1
    if (count === at) process.kill(process.pid, "SIGKILL")
    return original.apply(this, params)
  }
}
