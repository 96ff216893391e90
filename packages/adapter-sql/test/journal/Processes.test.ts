/** The journal between processes: a kill at any moment loses nothing that was acknowledged, and a lease has one holder. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { facility, open, temporaryFile } from "./Support.ts"

const program = fileURLToPath(new URL("./fixtures/worker.ts", import.meta.url))

const worker = (...args: ReadonlyArray<string>) =>
  Effect.acquireRelease(
    Effect.sync(() => spawn(process.execPath, [program, ...args], { stdio: ["ignore", "pipe", "inherit"] })),
    (child) => Effect.sync(() => child.kill("SIGKILL"))
  )

/** The numbers that a worker prints until it ends, which it does after so many where it is to be killed. */
const numbers = (child: ChildProcess, killAfter = Number.POSITIVE_INFINITY) =>
  Effect.promise(async () => {
    const told: Array<number> = []
    const ended = once(child, "exit")
    for await (const line of createInterface({ input: child.stdout! })) {
      told.push(Number(line))
      if (told.length === killAfter) child.kill("SIGKILL")
    }
    return { told, code: (await ended)[0] as number | null }
  })

describe("a worker that is killed", () => {
  it.live(
    "MUST leave every commit that was acknowledged and no half of one, 20 times",
    () =>
      Effect.gen(function* () {
        const filename = yield* temporaryFile
        let acknowledged = -1
        for (let round = 0; round < 20; round++) {
          const child = yield* worker("commit", filename)
          const { told } = yield* numbers(child, 1 + ((round * 7) % 23))
          acknowledged = Math.max(acknowledged, ...told)
          const kept = yield* Effect.scoped(
            Effect.flatMap(open(filename), (journal) => journal.items(facility, 1_000_000))
          )
          assert.strictEqual(kept.length % 2, 0)
          assert.isAtLeast(kept.length / 2, acknowledged + 1)
          assert.deepStrictEqual(
            kept.map(({ id }) => id),
            kept.map((_, index) => index)
          )
        }
      }),
    120_000
  )
})

describe("two workers that fight for a lease", () => {
  it.live(
    "MUST never both store under it: no count is lost, and no fence is given twice",
    () =>
      Effect.gen(function* () {
        const filename = yield* temporaryFile
        yield* Effect.scoped(open(filename))
        const children = yield* Effect.forEach(["a", "b"], (owner) => worker("fight", filename, owner, "150"))
        const [a, b] = yield* Effect.forEach(children, (child) => numbers(child), { concurrency: "unbounded" })
        assert.deepStrictEqual([a?.code, b?.code], [0, 0])
        assert.deepStrictEqual(
          a?.told.filter((fence) => b?.told.includes(fence)),
          []
        )
        const journal = yield* open(filename)
        assert.deepStrictEqual(yield* journal.progress(facility), { counter: 300 })
      }),
    60_000
  )
})
