/** Every command as a process against a listening proxy: output, standard error and exit code, as golden files. */
import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { type Harness, type RunOptions, start } from "./Harness.ts"

let harness: Harness

beforeAll(async () => {
  harness = await start()
})
afterAll(() => harness.close())

// Tests that run at the same time each have an `expect` of their own.
const golden = async (name: string, args: ReadonlyArray<string>, options?: RunOptions, expects = expect) => {
  const ended = await harness.bookio(args, options)
  await expects(harness.transcript(args, ended)).toMatchFileSnapshot(`golden/${name}.txt`)
  return ended
}

describe("reading", () => {
  const reads: { readonly [name: string]: ReadonlyArray<string> } = {
    "facilities-list": ["facilities", "list"],
    "facilities-list-json": ["facilities", "list", "--json"],
    "calendars-list": ["calendars", "list", "--facility", "zubná"],
    "calendars-list-json": ["calendars", "list", "--date", "2040-06-04", "--json", "id,name,timeZone"],
    "calendars-show": ["calendars", "show", "2"],
    "calendars-show-json": ["calendars", "show", "6", "--json"],
    "calendars-show-none": ["calendars", "show", "999"],
    "reservations-list": ["reservations", "list", "--facility", "1", "--from", "2040-06-04", "--to", "2040-06-04"],
    "reservations-list-json": ["reservations", "list", "--limit", "2", "--json"],
    "reservations-list-csv": ["reservations", "list", "--facility", "2", "--status", "CANCELLED", "--csv"],
    "reservations-list-ndjson": ["reservations", "list", "--limit", "2", "--ndjson"],
    "reservations-list-jq": [
      "reservations",
      "list",
      "--facility",
      "3",
      "--all",
      "--jq",
      "group_by(.status) | .[] | [.[0].status, length]"
    ],
    "reservations-list-none": ["reservations", "list", "--email", "nobody@example.com"],
    "reservations-show-by-id": ["reservations", "show", "17", "--facility", "1"],
    "reservations-show-id-alone": ["reservations", "show", "17"],
    "reservations-show-none": ["reservations", "show", "zzzzzz"],
    "blocked-times-list": ["blocked-times", "list"],
    "blocked-times-list-json": ["blocked-times", "list", "--from", "2040-06-07", "--json", "id,dateFrom,facilityName"],
    slots: ["slots", "--facility", "1", "--service", "1", "--from", "2040-06-04", "--to", "2040-06-04"],
    "slots-json": [
      "slots",
      "--facility",
      "2",
      "--service",
      "9",
      "--from",
      "2040-06-05",
      "--to",
      "2040-06-06",
      "--json",
      "dateFrom,free"
    ],
    "slots-too-long": ["slots", "--facility", "2", "--service", "9", "--from", "2040-06-05", "--to", "2041-06-05"],
    "agenda-day": ["agenda", "2040-06-05", "--facility", "2"],
    "agenda-week": ["agenda", "2040-06-04", "--facility", "1", "--week"],
    "agenda-json": ["agenda", "2040-06-05", "--facility", "2", "--jq", ".[] | select(.clash) | [.name, .clash]"],
    "api-get": ["api", "GET", "/reservations", "-f", "limit=1", "--jq", ".result.data.pagination"],
    "api-refused": ["api", "PUT", "/reservations/1/status", "-f", "status=NONE"],
    doctor: ["doctor"],
    "doctor-json": ["doctor", "--json", "check,state"]
  }
  it.concurrent.for(Object.entries(reads))("%s", async ([name, args], { expect }) => {
    await golden(name, args, {}, expect)
  })
  it("shows a reservation by its number", async () => {
    await golden("reservations-show", ["reservations", "show", harness.numberOf(3)])
    await golden("reservations-show-json", ["reservations", "show", harness.numberOf(3), "--json"])
  })
})

describe("a terminal of 60 columns", () => {
  const reads: { readonly [name: string]: ReadonlyArray<string> } = {
    "narrow-facilities": ["facilities", "list"],
    "narrow-reservations": ["reservations", "list", "--limit", "5"],
    "narrow-blocked-times": ["blocked-times", "list"],
    "narrow-agenda": ["agenda", "2040-06-05", "--facility", "2"]
  }
  it.for(Object.entries(reads))("%s", async ([name, args]) => {
    const { stdout } = await golden(name, args, { env: { COLUMNS: "60" } })
    for (const line of stdout.split("\n").slice(name === "narrow-agenda" ? 2 : 0)) {
      expect([...line].length).toBeLessThanOrEqual(60)
    }
  })
})

describe("writing", () => {
  const person = [
    "--name",
    "Jana",
    "--surname",
    "Skúšobná",
    "--email",
    "jana@example.com",
    "--phone",
    "+421 905 123 456"
  ]
  const create = ["reservations", "create", "--facility", "1", "--service", "1", "--external-id", "900001", ...person]

  it("books, repeats under a key, moves, syncs, cancels and confirms a reservation", async () => {
    const free = await harness.bookio([
      "slots",
      "--facility",
      "1",
      "--service",
      "1",
      "--from",
      "2040-06-04",
      "--json",
      "dateFrom"
    ])
    const [first, second] = (JSON.parse(free.stdout) as ReadonlyArray<{ readonly dateFrom: string }>).map(
      ({ dateFrom }) => dateFrom
    )
    const booking = [...create, "--from", first ?? "", "--idempotency-key", "one"]
    const made = await golden("reservations-create", booking)
    expect(made.exitCode).toBe(0)
    const again = await harness.bookio([...booking, "--json"])
    const { reservationId } = JSON.parse(again.stdout) as { readonly reservationId: number }
    expect(made.stdout).toBe(`Reservation ${reservationId} was created.\n`)
    await golden("reservations-create-twice", [...create, "--from", first ?? ""])
    const id = String(reservationId)
    const both = async (name: string, args: ReadonlyArray<string>) => {
      await golden(name, args)
      await golden(`${name}-json`, [...args, "--json"])
    }
    await golden("reservations-create-json", [...booking, "--json"])
    await both("reservations-move", ["reservations", "move", id, "--from", second ?? ""])
    await both("reservations-sync", ["reservations", "sync", id, "--external-id", "900002"])
    await golden("reservations-cancel-unasked", ["reservations", "cancel", id])
    await both("reservations-cancel", ["reservations", "cancel", id, "--yes", "--reason", "Test"])
    await golden("reservations-cancel-gone", ["reservations", "cancel", "99999", "--yes"])
    await both("reservations-confirm", ["reservations", "confirm", id])
    await both("reservations-no-show", ["reservations", "no-show", id])
  })

  it("refuses by the rules, all problems at once", async () => {
    await golden("reservations-create-wrong", [
      ...create.slice(0, -8),
      "--from",
      "2040-06-04 03:00",
      "--name",
      "",
      "--surname",
      "X",
      "--email",
      "none",
      "--phone",
      "1"
    ])
    await golden("reservations-create-closed", [...create, "--from", "2040-06-03 03:00"])
    await golden("reservations-create-full", [
      "reservations",
      "create",
      "--facility",
      "2",
      "--service",
      "10",
      "--external-id",
      "900003",
      ...person,
      "--from",
      "2040-06-07 14:00"
    ])
  })

  it("creates, moves and deletes a blocked time", async () => {
    const create = [
      "blocked-times",
      "create",
      "--facility",
      "3",
      "--from",
      "2041-01-01",
      "--to",
      "2041-01-01",
      "--note",
      "Nový rok",
      "--external-id",
      "7"
    ]
    const { stdout } = await golden("blocked-times-create-json", [...create, "--json"])
    const { blockedTimeId } = JSON.parse(stdout) as { readonly blockedTimeId: number }
    await golden("blocked-times-create-twice", create)
    const move = ["blocked-times", "move", String(blockedTimeId), "--to", "2041-01-02 12:00"]
    await golden("blocked-times-move", move)
    await golden("blocked-times-move-json", [...move, "--json"])
    await golden("blocked-times-create", [...create.slice(0, -1), "8"])
    const second = await harness.bookio([...create.slice(0, -1), "9", "--json"])
    const { blockedTimeId: other } = JSON.parse(second.stdout) as { readonly blockedTimeId: number }
    await golden("blocked-times-delete-unasked", ["blocked-times", "delete", String(blockedTimeId)])
    await golden("blocked-times-delete", ["blocked-times", "delete", String(blockedTimeId), "--yes"])
    await golden("blocked-times-delete-json", ["blocked-times", "delete", String(other), "--yes", "--json"])
    await golden("blocked-times-delete-twice", ["blocked-times", "delete", String(blockedTimeId), "--yes"])
  })

  it("creates, updates and ends a calendar", async () => {
    const calendar = {
      facilityId: 3,
      name: "Masáže",
      validFrom: "2041-01-01",
      validTo: "2041-12-31",
      services: [{ id: 1, name: "Masáž", duration: 30 }],
      intervals: [{ name: "Ráno", weekDays: [1, 2], timeFrom: "08:00", timeTo: "10:00" }]
    }
    writeFileSync(join(harness.folder, "calendar.json"), JSON.stringify(calendar))
    const { stdout } = await golden("calendars-create-json", [
      "calendars",
      "create",
      "--file",
      "calendar.json",
      "--json"
    ])
    await golden("calendars-create", ["calendars", "create", "--file", "calendar.json"])
    const { calendarId } = JSON.parse(stdout) as { readonly calendarId: number }
    const update = ["calendars", "update", String(calendarId), "--file", "-"]
    await golden("calendars-update", update, { input: '{"name":"Masáže a zábaly"}' })
    await golden("calendars-update-json", [...update, "--json"], { input: '{"name":"Masáže"}' })
    await golden("calendars-update-wrong", update, { input: '{"services":[]}' })
    await golden("calendars-update-no-json", update, { input: "{" })
    const end = ["calendars", "end", String(calendarId), "--on", "2041-06-30", "--yes"]
    await golden("calendars-end", end)
    await golden("calendars-end-json", [...end, "--json"])
  })
})

describe("what is wrong", () => {
  const cases: { readonly [name: string]: readonly [ReadonlyArray<string>, RunOptions?] } = {
    "usage-no-command": [["reservatons", "list"]],
    "usage-no-subcommand": [["reservations", "cancl"]],
    "usage-no-flag": [["reservations", "list", "--facilty", "1"]],
    "usage-missing": [["slots", "--facility", "1"]],
    "usage-no-choice": [["reservations", "list", "--status", "NONE"]],
    "usage-no-member": [["reservations", "list", "--json=id,nome"]],
    "usage-two-forms": [["facilities", "list", "--csv", "--json"]],
    "usage-day": [["reservations", "list", "--from", "someday"]],
    "usage-jq": [["facilities", "list", "--jq", ".["]],
    "facility-none": [["reservations", "list", "--facility", "Nowhere"]],
    "calendars-list-none": [["calendars", "list", "--facility", "Nowhere"]],
    "calendars-create-no-file": [["calendars", "create", "--file", "none.json"]],
    "calendars-end-none": [["calendars", "end", "999", "--yes"]],
    "reservations-move-gone": [["reservations", "move", "99999", "--from", "2040-06-05 09:00"]],
    "reservations-confirm-gone": [["reservations", "confirm", "99999"]],
    "reservations-no-show-gone": [["reservations", "no-show", "99999"]],
    "reservations-sync-gone": [["reservations", "sync", "99999", "--external-id", "1"]],
    "blocked-times-list-none": [["blocked-times", "list", "--facility", "Nowhere"]],
    "blocked-times-move-gone": [["blocked-times", "move", "99999", "--to", "2040-06-05"]],
    "agenda-wrong": [["agenda", "someday", "--facility", "2"]],
    "token-list-on-server": [["token", "list"]],
    "facility-needed": [["slots", "--service", "1"]],
    "token-wrong": [["facilities", "list"], { env: { BOOKIO_TOKEN: "wrong" } }],
    "token-absent": [["facilities", "list"], { env: { BOOKIO_TOKEN: undefined } }],
    "setting-wrong": [["facilities", "list"], { env: { BOOKIO_TIMEOUT: "soon" } }],
    "server-plain-http": [["facilities", "list"], { env: { BOOKIO_BASE_URL: "http://example.com/" } }],
    "server-none": [
      ["facilities", "list", "--verbose"],
      {
        env: {
          BOOKIO_BASE_URL: "http://127.0.0.1:9/",
          BOOKIO_EXTENSIONS: "false",
          BOOKIO_TIMEOUT: "1 second",
          BOOKIO_REQUEST_TIMEOUT: "1 second"
        }
      }
    ],
    "nothing-set": [["facilities", "list"], { env: { BOOKIO_BASE_URL: undefined, BOOKIO_TOKEN: undefined } }],
    "doctor-token": [["doctor"], { env: { BOOKIO_TOKEN: "wrong" } }],
    "doctor-nothing-set": [["doctor"], { env: { BOOKIO_BASE_URL: undefined, BOOKIO_TOKEN: undefined } }]
  }
  it.concurrent.for(Object.entries(cases))("%s", async ([name, [args, options]], { expect }) => {
    await golden(name, args, options, expect)
  })

  it("repeats neither what was entered nor the token", async () => {
    const { stderr } = await harness.bookio(["reservations", "list", "Nováková"], {
      env: { BOOKIO_TOKEN: "secret-token" }
    })
    const refused = await harness.bookio(["facilities", "list", "--verbose"], { env: { BOOKIO_TOKEN: "secret-token" } })
    expect(stderr + refused.stderr).not.toMatch(/Nováková|secret-token/)
  })
})

describe("a reader that has seen enough", () => {
  it("ends it quietly in the middle", async () => {
    const { exitCode, stderr } = await harness.bookio(["reservations", "list", "--all", "--ndjson"], {
      onStart: (child) => child.stdout?.once("data", () => child.stdout?.destroy())
    })
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: "" })
  })

  it.for(["reservations list --all --ndjson", "agenda 2040-06-05 --facility 2", "--help", "--version"])(
    "ends `bookio %s` quietly: head -1, and one that reads nothing",
    (line) => {
      const run = (reader: string) =>
        spawnSync("bash", ["-c", `set -o pipefail; "$NODE" "$BIN" ${line} | ${reader}`], {
          encoding: "utf8",
          env: { ...harness.env, NODE: process.execPath, BIN: harness.bin }
        })
      const first = run("head -1")
      expect([first.status, first.stderr, first.stdout.split("\n").length]).toEqual([0, "", 2])
      const none = run("true")
      expect([none.status, none.stderr]).toEqual([0, ""])
    }
  )
})
