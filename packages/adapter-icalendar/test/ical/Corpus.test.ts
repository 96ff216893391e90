/**
 * Objects as calendar programs write them, each with what it means in the facility's zone, written down by hand from the
 * standard: `busy` is what takes the owner's time, `free` what is shown and does not.
 */
import { readdirSync, readFileSync } from "node:fs"
import { toLocalMs } from "@bookio-kit/core/time/TimeZone"
import { expect, it } from "@effect/vitest"
import { Result } from "effect"
import { decodeObject } from "../../src/ical/Decode.ts"
import { readItem } from "../../src/ical/ReadItem.ts"
import { bratislava, busyOf, year2026 } from "./Support.ts"

const folder = new URL("../corpus/", import.meta.url)
const names = readdirSync(folder)
  .filter((name) => name.endsWith(".ics"))
  .map((name) => name.slice(0, -4))

const local = (ms: number) => new Date(toLocalMs(bratislava, ms)).toISOString().slice(0, 16)

it.each(names)("%s", (name) => {
  const expected = JSON.parse(readFileSync(new URL(`${name}.json`, folder), "utf8"))
  const text = Result.getOrThrow(decodeObject(readFileSync(new URL(`${name}.ics`, folder))))
  const read = readItem(text, { window: year2026, owner: expected.owner ?? [] })
  if (expected.problem !== undefined) {
    const failure = Result.getOrThrow(Result.flip(read))
    expect(failure.problem).toMatch(new RegExp(expected.problem))
    expect(failure.problem).not.toContain("Tajné")
    expect(failure.uid).toBe(expected.uid)
    return
  }
  const item = Result.getOrThrow(read)
  if (expected.notAnEvent) {
    expect(item).toBeUndefined()
    return
  }
  if (item === undefined) throw new Error("read as no event")
  const terms = (isBusy: boolean) =>
    item.occurrences.filter((one) => busyOf(one) === isBusy).map(({ term }) => [local(term.startMs), local(term.endMs)])
  expect(terms(true)).toEqual(expected.busy)
  expect(terms(false)).toEqual(expected.free ?? [])
  const [first] = item.occurrences
  if (expected.text !== undefined) expect(first?.text).toBe(expected.text)
  if (expected.status !== undefined) expect(first?.status).toBe(expected.status)
  if (first !== undefined) expect(first.isPrivate).toBe(expected.private ?? false)
  expect(item.occurrences.map(({ key }) => key)).toEqual(
    expected.keys ?? (item.isRecurring ? expect.any(Array) : item.occurrences.map(() => ""))
  )
  if (expected.utc !== undefined) {
    expect(item.occurrences.map(({ term }) => [utc(term.startMs), utc(term.endMs)])).toEqual(expected.utc)
  }
  expect(item.mark).toEqual(expected.mark)
  expect(item.booking).toEqual(expected.booking)
  expect(item.didNotCome).toBe(expected.didNotCome ?? false)
  if (expected.attendees !== undefined) expect(item.attendees).toEqual(expected.attendees)
})

const utc = (ms: number) => new Date(ms).toISOString().replace(".000", "")
