import { join } from "node:path"
import { assert, describe, it } from "@effect/vitest"
import { Duration, Effect, Redacted } from "effect"
import { readConfig } from "../src/ConfigFile.ts"
import { calendar, environment, facility, scratch, writeConfig } from "./Support.ts"

/** The problems that a file has, without its path. */
const problemsOf = (text: unknown, name?: string, variables: { readonly [name: string]: string } = environment) =>
  Effect.gen(function* () {
    const path = writeConfig(yield* scratch, text, name)
    const error = yield* Effect.flip(readConfig(path, variables))
    return error.problems.map((problem) => problem.replace(`${path}: `, ""))
  }).pipe(Effect.scoped)

const withCalendar = (changes: object) => ({ facilities: [{ ...facility, calendars: [{ ...calendar, ...changes }] }] })
const withFacility = (changes: object) => ({ facilities: [{ ...facility, ...changes }] })

const wrong: ReadonlyArray<readonly [title: string, file: unknown, problems: ReadonlyArray<string>]> = [
  ["no facilities", {}, ["facilities: is required"]],
  ["an empty list", { facilities: [] }, ["facilities: must not be empty"]],
  ["a list in its place", [], ["the file: must be an object"]],
  ["an unknown member", { facilities: [facility], jurnal: "x" }, ["jurnal: is not known"]],
  ["an unknown member deep inside", withCalendar({ serve: [2] }), ["facilities[0].calendars[0].serve: is not known"]],
  [
    "all of several",
    { journal: "", facilities: [{ ...facility, facilityId: 0, interval: "soon", details: "all", pastDays: 401 }] },
    [
      "journal: must not be empty",
      "facilities[0].facilityId: must be a whole number from 1 to 9007199254740991",
      "facilities[0].interval: must be a time such as `30 seconds`, from 1 second to 24 hours",
      "facilities[0].details: must be one of initials, none, full",
      "facilities[0].pastDays: must be a whole number from 0 to 400"
    ]
  ],
  [
    "a name twice",
    { facilities: [facility, { ...facility, facilityId: 2 }] },
    ["facilities[1].name: another facility has this name"]
  ],
  [
    "a facility twice",
    { facilities: [facility, { ...facility, name: "Again" }] },
    ["facilities[1]: another entry synchronises this facility through this channel"]
  ],
  [
    "a facility twice, its address and channel written otherwise",
    {
      facilities: [
        facility,
        {
          ...facility,
          name: "Again",
          channel: "sync",
          bookio: { ...facility.bookio, baseUrl: `${facility.bookio.baseUrl}/` }
        }
      ]
    },
    ["facilities[1]: another entry synchronises this facility through this channel"]
  ],
  [
    "a lease that a write does not fit into",
    { lease: "29 seconds", facilities: [facility] },
    ["lease: must be at least 30 seconds, so that a write ends before it"]
  ],
  [
    "records that are forgotten while they flow",
    {
      facilities: [
        { ...facility, pastDays: 60, retention: { records: 59 } },
        { ...facility, name: "Default", facilityId: 2, retention: { records: 30, conflicts: 1, passes: 2 } },
        { ...facility, name: "Passes", facilityId: 3, pastDays: 0, retention: { records: 30 } }
      ]
    },
    ["facilities[0].retention.records: must be at least 60, for as long reservations flow (pastDays)"]
  ],
  [
    "what is kept too short",
    withFacility({ retention: { records: 29, conflicts: 0, passes: 1, events: 1 } }),
    [
      "facilities[0].retention.events: is not known",
      "facilities[0].retention.records: must be a whole number from 30 to 10000",
      "facilities[0].retention.conflicts: must be a whole number from 1 to 10000",
      "facilities[0].retention.passes: must be a whole number from 2 to 10000"
    ]
  ],
  [
    "neither a server nor a database",
    withFacility({ bookio: { token: facility.bookio.token } }),
    ["facilities[0].bookio: must have one of baseUrl and database"]
  ],
  [
    "both",
    withFacility({ bookio: { ...facility.bookio, database: "sqlite:bookio.db" } }),
    ["facilities[0].bookio: must have one of baseUrl and database"]
  ],
  [
    "another database",
    withFacility({ bookio: { token: facility.bookio.token, database: "bookio.db" } }),
    ["facilities[0].bookio.database: must be sqlite:PATH"]
  ],
  [
    "details: full without a word",
    withFacility({ details: "full" }),
    ["facilities[0].showFullDetails: must be true beside details: full"]
  ],
  [
    "a calendar served twice",
    withFacility({ calendars: [calendar, { ...calendar, name: "Dr Mala" }] }),
    ["facilities[0].calendars[1].serves: calendar 1 is served twice"]
  ],
  [
    "a calendar's name twice",
    withFacility({ calendars: [calendar, { ...calendar, serves: [2] }] }),
    ["facilities[0].calendars[1].name: another calendar of the facility has this name"]
  ],
  [
    "two places for a calendar",
    withCalendar({ vdir: { path: "x" } }),
    ["facilities[0].calendars[0]: must have one of caldav and vdir"]
  ],
  [
    "busy: hold without what it takes",
    withCalendar({ busy: "hold" }),
    ["facilities[0].calendars[0].hold: is required beside busy: hold"]
  ],
  [
    "no way to sign in",
    withCalendar({ caldav: { url: "https://cloud.example.com/dav", username: "novak" } }),
    ["facilities[0].calendars[0].caldav: must have username and password, or bearerToken"]
  ]
]

describe("readConfig", () => {
  for (const [title, file, problems] of wrong) {
    it.effect(`MUST refuse ${title}, and name the place`, () =>
      Effect.map(problemsOf(file), (found) => assert.deepStrictEqual(found, problems))
    )
  }

  it.effect("MUST refuse a secret that stands in the file, and not repeat it", () =>
    Effect.gen(function* () {
      const found = yield* problemsOf(
        withFacility({
          bookio: { ...facility.bookio, token: "tok-12345" },
          calendars: [{ ...calendar, caldav: { ...calendar.caldav, password: "hunter2" } }]
        })
      )
      assert.deepStrictEqual(
        found.map((problem) => problem.split(":")[0]),
        ["facilities[0].bookio.token", "facilities[0].calendars[0].caldav.password"]
      )
      for (const problem of found) {
        assert.include(problem, "$" + "{NAME}")
        assert.notMatch(problem, /tok-12345|hunter2/)
      }
    })
  )

  it.effect("MUST NOT repeat a line of a file that cannot be parsed", () =>
    Effect.gen(function* () {
      assert.deepStrictEqual(yield* problemsOf('{"token": "hunter2"'), ["is not valid JSON"])
      assert.deepStrictEqual(yield* problemsOf("token: [hunter2\nfacilities: }", "sync.yaml"), ["is not valid YAML"])
    })
  )

  it.effect("MUST name every environment variable that is missing or empty, with its place", () =>
    Effect.map(problemsOf({ facilities: [facility] }, undefined, { CALENDAR_PASSWORD: "" }), (found) =>
      assert.deepStrictEqual(found, [
        "facilities[0].bookio.token: the environment variable BOOKIO_TOKEN is not set",
        "facilities[0].calendars[0].caldav.password: the environment variable CALENDAR_PASSWORD is not set"
      ])
    )
  )

  it.effect("MUST say how the file is named where it cannot be read", () =>
    Effect.gen(function* () {
      const path = join(yield* scratch, "absent.yaml")
      const error = yield* Effect.flip(readConfig(path, environment))
      assert.deepStrictEqual(error.problems, [`BOOKIO_SYNC_CONFIG: ${path} cannot be read`])
    })
  )

  it.effect("MUST read the same from YAML and JSON, with paths beside the file and secrets from the environment", () =>
    Effect.gen(function* () {
      const folder = yield* scratch
      const json = yield* readConfig(
        writeConfig(folder, { $schema: "sync.schema.json", ...withFacility({ interval: "1 minute" }) }),
        environment
      )
      const yaml = yield* readConfig(
        writeConfig(
          folder,
          `# yaml-language-server: $schema=./sync.schema.json
$schema: sync.schema.json
facilities:
  - name: General practice
    facilityId: 1
    interval: 1 minute
    bookio: { baseUrl: "https://medic.bookio.com/public/api/v1", token: "\${BOOKIO_TOKEN}" }
    calendars:
      - name: Dr Novak
        serves: [1]
        caldav:
          url: https://cloud.example.com/dav
          username: novak
          password: \${CALENDAR_PASSWORD}
`,
          "sync.yaml"
        ),
        environment
      )
      assert.deepStrictEqual(yaml.config, json.config)
      const [read] = yaml.config.facilities
      assert.strictEqual(Duration.toMillis(read?.interval ?? 0), 60_000)
      assert.strictEqual(yaml.pathOf("bookio-sync.db"), join(folder, "bookio-sync.db"))
      assert.strictEqual(yaml.pathOf("/var/lib/sync.db"), "/var/lib/sync.db")
      const secret = yaml.secretOf(read?.bookio.token ?? "")
      assert.strictEqual(Redacted.value(secret), "secret-token")
      assert.notInclude(JSON.stringify(yaml.config), "secret")
    })
  )
})
