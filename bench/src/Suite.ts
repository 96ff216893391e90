/**
 * A suite: contenders that do the same work, measured in alternating rounds of one run, so that what the machine does
 * meanwhile meets all of them. Ratios are taken round by round and their median is told, which a slow minute does not move.
 */
import type { Processes } from "./Processes.ts"

/** What one measurement gave, by metric; the unit is in the metric's name (`perSecond`, `cpuMicros`, `p50Ms`). */
export interface Sample {
  readonly [metric: string]: number
}

export interface Contender {
  readonly name: string
  /** Measures once. Contenders that could not run stand in `Prepared.skipped` instead. */
  readonly measure: () => Promise<Sample>
}

/** What a suite needs of its run. */
export interface Run {
  /** Tiny sizes, to see that everything runs. */
  readonly quick: boolean
  /** The folder of databases that are made once. */
  readonly cache: string
  /** Makes and ends the processes of this suite. */
  readonly processes: Processes
}

export interface Prepared {
  readonly contenders: ReadonlyArray<Contender>
  /** What could not be measured, and why. */
  readonly skipped?: ReadonlyArray<string>
}

/** A line of the table of goals: `of` (divided by `to`, where there is one) in a metric, and its bounds, inclusive. */
export interface Goal {
  readonly number: number
  readonly what: string
  readonly of: string
  readonly to?: string
  readonly metric: string
  /** What the figure is subtracted from the other for: a difference instead of a ratio. */
  readonly isDifference?: true
  readonly atLeast?: number
  readonly atMost?: number
  readonly unit?: string
  /**
   * Judged by CPU time for work that nothing but the processor bounds: neither the load, which shares the machine, nor other
   * work on it moves that ratio. Else by the metric.
   */
  readonly byCpu?: true
}

export interface Suite {
  readonly name: string
  readonly title: string
  /** How many rounds unless told on the command line. */
  readonly rounds: number
  /** Metrics of the table, in its order. */
  readonly metrics: ReadonlyArray<string>
  /** Whether a round is thrown away first; not where one says all there is to say. */
  readonly warmUp: boolean
  /** Minutes long: measured only where it is named or `--long` is told, and its last results are kept meanwhile. */
  readonly isLong?: true
  readonly goals: ReadonlyArray<Goal>
  readonly prepare: (run: Run) => Promise<Prepared>
}

/** The middle of measurements, and the two between which the middle half of them lies. */
export interface Spread {
  readonly median: number
  readonly p25: number
  readonly p75: number
  readonly samples: ReadonlyArray<number>
}

export interface SuiteResult {
  /** When it was measured, in UTC. */
  readonly date: string
  readonly name: string
  readonly title: string
  readonly metrics: ReadonlyArray<string>
  readonly contenders: ReadonlyArray<{
    readonly name: string
    readonly metrics: { readonly [metric: string]: Spread }
  }>
  readonly goals: ReadonlyArray<GoalResult>
  readonly skipped: ReadonlyArray<string>
}

export interface GoalResult {
  readonly goal: Goal
  /** Absent where what it compares was not measured. */
  readonly value?: Spread
  /** The same ratio the other way: by CPU time, or by requests a second where CPU time is what is judged. */
  readonly beside?: Spread
  readonly isMet?: boolean
}

const quantile = (sorted: ReadonlyArray<number>, q: number): number => {
  const at = (sorted.length - 1) * q
  const low = sorted[Math.floor(at)] ?? Number.NaN
  const high = sorted[Math.ceil(at)] ?? Number.NaN
  return low + (high - low) * (at - Math.floor(at))
}

/** The spread of measurements, at least one. */
export const spreadOf = (samples: ReadonlyArray<number>): Spread => {
  const sorted = [...samples].sort((a, b) => a - b)
  return { median: quantile(sorted, 0.5), p25: quantile(sorted, 0.25), p75: quantile(sorted, 0.75), samples }
}

type Samples = ReadonlyMap<string, ReadonlyArray<Sample>>

const metricOf = (samples: Samples, name: string, metric: string): ReadonlyArray<number> | undefined => {
  const found = samples.get(name)?.flatMap((sample) => sample[metric] ?? [])
  return found === undefined || found.length === 0 ? undefined : found
}

const ratios = (of: ReadonlyArray<number>, to: ReadonlyArray<number>, isDifference = false) =>
  spreadOf(
    of.map((sample, round) => {
      const other = to[round] ?? Number.NaN
      return isDifference ? sample - other : sample / other
    })
  )

/** Judges a goal by the samples of all rounds. */
export const judge = (goal: Goal, samples: Samples): GoalResult => {
  const of = metricOf(samples, goal.of, goal.metric)
  const to = goal.to === undefined ? undefined : metricOf(samples, goal.to, goal.metric)
  if (of === undefined || (goal.to !== undefined && to === undefined)) return { goal }
  const byMetric = to === undefined ? spreadOf(of) : ratios(of, to, goal.isDifference)
  const cpu = goal.metric === "perSecond" ? metricOf(samples, goal.of, "cpuMicros") : undefined
  const otherCpu = goal.to === undefined ? undefined : metricOf(samples, goal.to, "cpuMicros")
  // Less time for each is more each second, so the ratio is turned.
  const byCpu = cpu === undefined || otherCpu === undefined ? undefined : ratios(otherCpu, cpu)
  const value = goal.byCpu === true && byCpu !== undefined ? byCpu : byMetric
  const beside = value === byMetric ? byCpu : byMetric
  const isMet = value.median >= (goal.atLeast ?? -Infinity) && value.median <= (goal.atMost ?? Infinity)
  return { goal, value, ...(beside === undefined ? {} : { beside }), isMet }
}

/** Measures all contenders round after round, each round beginning with the next one. */
export const runSuite = async (
  suite: Suite,
  run: Run,
  rounds: number,
  tell: (line: string) => void
): Promise<SuiteResult> => {
  const date = new Date().toISOString()
  const { contenders, skipped = [] } = await suite.prepare(run)
  const samples = new Map<string, Array<Sample>>(contenders.map(({ name }) => [name, []]))
  const warmUp = suite.warmUp && !run.quick ? 1 : 0
  for (let round = -warmUp; round < rounds; round++) {
    for (let turn = 0; turn < contenders.length; turn++) {
      const contender = contenders[(turn + round + warmUp) % contenders.length] as Contender
      const sample = await contender.measure()
      if (round >= 0) samples.get(contender.name)?.push(sample)
    }
    tell(`${suite.name}: ${round < 0 ? "warmed up" : `round ${round + 1} of ${rounds}`}`)
  }
  return {
    date,
    name: suite.name,
    title: suite.title,
    metrics: suite.metrics,
    contenders: contenders.map(({ name }) => ({
      name,
      metrics: Object.fromEntries(
        suite.metrics.flatMap((metric) => {
          const found = metricOf(samples, name, metric)
          return found === undefined ? [] : [[metric, spreadOf(found)]]
        })
      )
    })),
    goals: suite.goals.map((goal) => judge(goal, samples)),
    skipped
  }
}
