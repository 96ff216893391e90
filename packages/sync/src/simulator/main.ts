/**
 * The simulator on the command line: `pnpm sim --seeds 10000` runs seeds and lists those that failed, with the command that
 * replays one; `--seed 17 --trace` replays it and tells all that happened; `--from` begins at another seed; `--jobs 2`
 * shares the seeds among processes; with `--restores` each puts the journal back to an earlier state once, with `--server`
 * Bookio; with `--skips` practice calendars leave changes out of what they tell; `--harsh` adds items that cannot be read,
 * calendars without conditional writes, and people who change what was changed a moment before.
 */
import { fork } from "node:child_process"
import { parseArgs } from "node:util"
import { run } from "./Simulation.ts"

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "1000" },
    from: { type: "string", default: "1" },
    seed: { type: "string" },
    jobs: { type: "string", default: "1" },
    restores: { type: "boolean", default: false },
    skips: { type: "boolean", default: false },
    server: { type: "boolean", default: false },
    harsh: { type: "boolean", default: false },
    trace: { type: "boolean", default: false }
  }
})

const modes = [
  ...(values.restores ? ["--restores"] : []),
  ...(values.skips ? ["--skips"] : []),
  ...(values.server ? ["--server"] : []),
  ...(values.harsh ? ["--harsh"] : [])
]

const weather = { restores: values.restores, skips: values.skips, server: values.server, harsh: values.harsh }

const number = (name: "seeds" | "from" | "seed" | "jobs"): number => {
  const value = Number(values[name])
  if (Number.isSafeInteger(value) && value > 0) return value
  console.error(`--${name} must be a whole number from 1 on, not ${values[name]}`)
  return process.exit(64)
}

interface Failure {
  readonly seed: number
  readonly lines: ReadonlyArray<string>
}

const failures: Array<Failure> = []
const from = number("from")
const seeds = values.seed === undefined ? number("seeds") : 1
const jobs = number("jobs")
const startedMs = performance.now()
let done = 0
let shownMs = 0

const note = (failure: Failure | undefined) => {
  done++
  if (failure !== undefined) {
    failures.push(failure)
    console.log(`seed ${failure.seed} failed: ${failure.lines[0]}`)
  }
  const nowMs = performance.now()
  if (!process.stderr.isTTY || (nowMs - shownMs < 500 && done < seeds)) return
  shownMs = nowMs
  const rate = done / ((nowMs - startedMs) / 1_000)
  process.stderr.write(
    `\r${done} of ${seeds} seeds, ${rate.toFixed(0)} a second, ${failures.length} failed, ${Math.ceil((seeds - done) / rate)} s left \x1b[K`
  )
}

const judge = (seed: number): Failure | undefined => {
  const { violations } = run(seed, weather)
  if (violations.length === 0) return undefined
  return { seed, lines: violations.map(({ detail, invariant }) => `${invariant}: ${detail}`) }
}

const finish = () => {
  if (process.stderr.isTTY) process.stderr.write("\n")
  const seconds = (performance.now() - startedMs) / 1_000
  console.log(`${done} seeds in ${seconds.toFixed(1)} s, ${failures.length} failed`)
  for (const { lines, seed } of failures.toSorted((a, b) => a.seed - b.seed)) {
    console.log(`\npnpm sim${modes.map((mode) => ` ${mode}`).join("")} --seed ${seed} --trace`)
    for (const line of lines.slice(0, 5)) console.log(`  ${line}`)
  }
  process.exitCode = failures.length > 0 || done < seeds ? 1 : 0
}

if (process.send !== undefined && process.env.BOOKIO_KIT_SIM_STEP !== undefined) {
  const step = Number(process.env.BOOKIO_KIT_SIM_STEP)
  for (let seed = from; seed < from + seeds; seed += step) process.send(judge(seed) ?? null)
} else if (values.seed !== undefined) {
  const { hash, trace, violations } = run(number("seed"), {
    keepTrace: values.trace,
    ...weather
  })
  for (const line of trace) console.log(line)
  console.log(`trace ${hash}`)
  for (const { detail, invariant } of violations) console.log(`${invariant}: ${detail}`)
  process.exitCode = violations.length > 0 ? 1 : 0
} else if (jobs === 1) {
  for (let seed = from; seed < from + seeds; seed++) note(judge(seed))
  finish()
} else {
  let left = jobs
  for (let job = 0; job < jobs; job++) {
    const args = [...modes, "--from", String(from + job), "--seeds", String(Math.max(1, seeds - job))]
    const worker = fork(import.meta.filename, args, {
      env: { ...process.env, BOOKIO_KIT_SIM_STEP: String(jobs) }
    })
    worker.on("message", (failure) => note((failure ?? undefined) as Failure | undefined))
    worker.on("exit", () => {
      if (--left === 0) finish()
    })
  }
}
