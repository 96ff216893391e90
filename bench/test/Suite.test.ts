import { describe, expect, it } from "vitest"
import { makeProcesses } from "../src/Processes.ts"
import { type Goal, judge, runSuite, type Sample, type Suite, spreadOf } from "../src/Suite.ts"

const goal: Goal = {
  number: 1,
  what: "ours against theirs",
  of: "ours",
  to: "theirs",
  metric: "perSecond",
  atLeast: 0.9
}

const samples = (ours: ReadonlyArray<Sample>, theirs: ReadonlyArray<Sample>) =>
  new Map([
    ["ours", ours],
    ["theirs", theirs]
  ])

const perSecond = (...values: ReadonlyArray<number>) => values.map((value) => ({ perSecond: value }))

describe("spreadOf", () => {
  it("tells the median and the quarters, between two measurements where it must", () => {
    expect(spreadOf([4, 1, 3, 2])).toMatchObject({ median: 2.5, p25: 1.75, p75: 3.25 })
    expect(spreadOf([7])).toMatchObject({ median: 7, p25: 7, p75: 7 })
  })
})

describe("judge", () => {
  it("takes ratios round by round, so that a slow round of both changes nothing", () => {
    const { isMet, value } = judge(goal, samples(perSecond(100, 10, 90), perSecond(100, 10, 100)))
    expect(value?.samples).toEqual([1, 1, 0.9])
    expect(isMet).toBe(true)
  })

  it("does not meet a goal below its bound", () => {
    expect(judge(goal, samples(perSecond(80), perSecond(100))).isMet).toBe(false)
  })

  it("takes a difference where that is asked for", () => {
    const added: Goal = { ...goal, isDifference: true, atMost: 5, atLeast: -5 }
    const { isMet, value } = judge(added, samples(perSecond(104), perSecond(100)))
    expect(value?.median).toBe(4)
    expect(isMet).toBe(true)
  })

  it("tells the same ratio by CPU time beside that of requests, or judges by it", () => {
    const ours = [{ perSecond: 50, cpuMicros: 20 }]
    const theirs = [{ perSecond: 100, cpuMicros: 30 }]
    const result = judge(goal, samples(ours, theirs))
    expect([result.value?.median, result.beside?.median, result.isMet]).toEqual([0.5, 1.5, false])
    const byCpu = judge({ ...goal, byCpu: true }, samples(ours, theirs))
    expect([byCpu.value?.median, byCpu.beside?.median, byCpu.isMet]).toEqual([1.5, 0.5, true])
  })

  it("judges nothing that was not measured", () => {
    expect(judge(goal, samples(perSecond(80), []))).toEqual({ goal })
  })
})

describe("runSuite", () => {
  it("measures in alternating rounds, throws the first away, and leaves no one always first", async () => {
    const order: Array<string> = []
    const contender = (name: string) => ({
      name,
      measure: async () => {
        order.push(name)
        return { ms: order.length }
      }
    })
    const suite: Suite = {
      name: "test",
      title: "test",
      rounds: 2,
      metrics: ["ms", "absent"],
      warmUp: true,
      goals: [],
      prepare: async () => ({ contenders: [contender("a"), contender("b")], skipped: ["c"] })
    }
    const processes = makeProcesses()
    try {
      const result = await runSuite(suite, { quick: false, cache: "", processes }, 2, () => {})
      expect(order).toEqual(["a", "b", "b", "a", "a", "b"])
      expect(result.contenders.map(({ metrics }) => metrics.ms?.samples)).toEqual([
        [4, 5],
        [3, 6]
      ])
      expect(result.contenders[0]?.metrics).not.toHaveProperty("absent")
      expect(result.skipped).toEqual(["c"])
    } finally {
      await processes.close()
    }
  })
})
