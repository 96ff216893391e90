import { describe, expect, it } from "vitest"
import { command, entry } from "../src/Command.ts"
import { nearest, parse, UsageProblem } from "../src/Parse.ts"

const spec = command({
  path: ["things", "list"],
  summary: "Lists things",
  doing: "list the things",
  flags: {
    facilityName: { kind: "text", short: "f", description: "A text" },
    limit: { kind: "count", description: "A number" },
    tag: { kind: "text", many: true, description: "Several" },
    all: { kind: "boolean", description: "A switch" }
  },
  args: {
    first: { kind: "id", required: true, description: "One" },
    rest: { kind: "text", many: true, description: "Others" }
  },
  fields: ["id", "name"],
  examples: [{ does: "All", line: "things list 1" }]
})
const entries = [entry(spec, () => Promise.reject(new Error("not loaded")))]
const read = (...argv: ReadonlyArray<string>) => parse(["things", "list", ...argv], entries)
const problem = (...argv: ReadonlyArray<string>) => {
  try {
    parse(argv, entries)
  } catch (error) {
    if (error instanceof UsageProblem) return error.message
    throw error
  }
  return undefined
}

describe("a command line", () => {
  it("is read by kinds, with values behind a space or an equals sign", () => {
    expect(read("7", "-f", "a b", "--limit=3", "--tag", "x", "--tag=y=z", "--all", "more")).toMatchObject({
      given: {
        flags: { facilityName: "a b", limit: 3, tag: ["x", "y=z"], all: true },
        args: { first: 7, rest: ["more"] }
      }
    })
  })

  it("leaves out what is not given", () => {
    expect(read("7")).toMatchObject({
      given: { flags: { facilityName: undefined, tag: [], all: false }, args: { rest: [] } },
      globals: { json: undefined, verbose: false }
    })
  })

  it("takes the word behind --json only where it names members", () => {
    expect(read("--json", "7")).toMatchObject({ given: { args: { first: 7 } }, globals: { json: "" } })
    expect(read("--json", "id,name", "7")).toMatchObject({
      given: { args: { first: 7 } },
      globals: { json: "id,name" }
    })
  })

  it("takes everything behind -- as arguments", () => {
    expect(read("7", "--", "--all")).toMatchObject({ given: { flags: { all: false }, args: { rest: ["--all"] } } })
  })

  it("asks for help and version anywhere", () => {
    expect(read("--limit", "x", "--help")).toEqual({ _tag: "Help", path: ["things", "list"] })
    expect(parse(["help", "things"], entries)).toEqual({ _tag: "Help", path: ["things"] })
    expect(parse([], entries)).toEqual({ _tag: "Help", path: [] })
    expect(parse(["--version"], entries)).toEqual({ _tag: "Version" })
  })
})

it.for([
  [["thing"], "there is no such command; did you mean things?"],
  [["things", "lst"], "there is no such command of bookio things; did you mean list?"],
  [["things", "list"], "FIRST must be given"],
  [["things", "list", "0"], "FIRST must be a whole number from 1"],
  [["things", "list", "1", "--limit", "-1"], "--limit must be a whole number from 0"],
  [["things", "list", "1", "--limit"], "--limit needs a value"],
  [["things", "list", "1", "--limit", "1", "--limit", "2"], "--limit is given twice"],
  [["things", "list", "1", "--all=yes"], "--all takes no value"],
  [["things", "list", "1", "--alle"], "there is no flag --alle; did you mean --all?"],
  [["things", "list", "1", "--json=size"], "--json: there is no member size; they are id, name"],
  [["things", "list", "1", "--csv", "--jq", "."], "--json, --csv and --ndjson exclude each other"],
  [["--all", "things"], "flags stand behind the command"]
] as const)("%j is told as %s", ([argv, message]) => {
  expect(problem(...argv)).toBe(message)
})

it("finds the nearest name, at most two letters away", () => {
  expect(nearest("reservatons", ["calendars", "reservations"])).toBe("reservations")
  expect(nearest("frobnicate", ["calendars", "reservations"])).toBeUndefined()
})
