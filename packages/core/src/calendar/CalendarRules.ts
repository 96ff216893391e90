/**
 * What a calendar's services and intervals must keep among themselves (engine.md, rule 11; api.md, 3 and 4): pure, over
 * the ids that a request uses. That every one of them is well-formed by itself is the schemas' part.
 */
import type { Text } from "../text/Text.ts"
import type { LocalTime } from "../time/LocalTime.ts"

/** The part of a service that the rules look at. */
export interface RuledService {
  readonly id?: number
}

/** The part of an interval that the rules look at. */
export interface RuledInterval {
  readonly id?: number
  readonly weekDays: ReadonlyArray<number>
  readonly timeFrom: LocalTime
  readonly timeTo: LocalTime
  readonly allowedServices?: ReadonlyArray<number>
}

/** A problem and the path of the member it is about. */
export interface RuleProblem {
  readonly path: ReadonlyArray<string | number>
  readonly text: Text
}

const repeatedIds = (items: ReadonlyArray<{ readonly id?: number }>, member: string): ReadonlyArray<RuleProblem> => {
  const seen = new Set<number>()
  return items.flatMap(({ id }, index) => {
    if (id === undefined) return []
    if (seen.has(id)) return [{ path: [member, index, "id"], text: { key: "repeated", params: { value: id } } }]
    seen.add(id)
    return []
  })
}

const shareDay = (a: RuledInterval, b: RuledInterval) => a.weekDays.some((day) => b.weekDays.includes(day))

const shareService = (a: RuledInterval, b: RuledInterval) => {
  const [left, right] = [a.allowedServices ?? [], b.allowedServices ?? []]
  return left.length === 0 || right.length === 0 || left.some((id) => right.includes(id))
}

// "HH:mm" of one width: text order is time order.
const overlapInTime = (a: RuledInterval, b: RuledInterval) => a.timeFrom < b.timeTo && b.timeFrom < a.timeTo

/** Problems of intervals by themselves: none at all, turned round, or overlapping for one service on one day. */
export const intervalProblems = (intervals: ReadonlyArray<RuledInterval>): ReadonlyArray<RuleProblem> => {
  if (intervals.length === 0) return [{ path: ["intervals"], text: { key: "empty" } }]
  const problems: Array<RuleProblem> = [...repeatedIds(intervals, "intervals")]
  intervals.forEach((interval, index) => {
    if (interval.timeFrom >= interval.timeTo) {
      problems.push({
        path: ["intervals", index, "timeFrom"],
        text: { key: "notBefore", params: { other: `intervals[${index}].timeTo` } }
      })
    }
    const other = intervals.findIndex(
      (earlier, at) =>
        at < index && shareDay(earlier, interval) && shareService(earlier, interval) && overlapInTime(earlier, interval)
    )
    if (other >= 0) {
      problems.push({
        path: ["intervals", index],
        text: { key: "overlappingIntervals", params: { other: `intervals[${other}]` } }
      })
    }
  })
  return problems
}

/** Problems of services by themselves: none at all, or an id that is named twice. */
export const serviceProblems = (services: ReadonlyArray<RuledService>): ReadonlyArray<RuleProblem> =>
  services.length === 0 ? [{ path: ["services"], text: { key: "empty" } }] : repeatedIds(services, "services")

/** Entries of `allowedServices` that name none of the services. */
export const allowedServiceProblems = (
  services: ReadonlyArray<RuledService>,
  intervals: ReadonlyArray<RuledInterval>
): ReadonlyArray<RuleProblem> => {
  const known = new Set(services.map((service) => service.id))
  return intervals.flatMap((interval, index) =>
    (interval.allowedServices ?? []).flatMap((id, at) =>
      known.has(id)
        ? []
        : [
            {
              path: ["intervals", index, "allowedServices", at],
              text: { key: "unknownService" as const, params: { service: id } }
            }
          ]
    )
  )
}

/** Every problem of the parts of a calendar that a request gives; what it leaves out is judged with what is stored. */
export const requestProblems = (request: {
  readonly services?: ReadonlyArray<RuledService>
  readonly intervals?: ReadonlyArray<RuledInterval>
}): ReadonlyArray<RuleProblem> => [
  ...(request.services === undefined ? [] : serviceProblems(request.services)),
  ...(request.intervals === undefined ? [] : intervalProblems(request.intervals)),
  ...(request.services === undefined || request.intervals === undefined
    ? []
    : allowedServiceProblems(request.services, request.intervals))
]
