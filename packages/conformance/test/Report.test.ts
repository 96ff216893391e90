import { assert, describe, it } from "@effect/vitest"
import { allHold, lineOf, type Report, summary, toJson, toJUnit, toText } from "../src/Report.ts"

const report: Report = {
  laws: [
    { name: "MUST hold", operation: "listFacilities", kind: "read", outcome: { _tag: "Holds" }, durationMs: 12 },
    {
      name: "MUST fail",
      operation: "createReservation",
      code: 30,
      kind: "write",
      outcome: { _tag: "Fails", problem: 'a "<b>" & \u0000 is\nno text' },
      durationMs: 1500
    },
    {
      name: "MUST be tried",
      operation: "createReservation",
      kind: "write",
      outcome: { _tag: "NotRun", reason: "there is no second channel" },
      durationMs: 0
    }
  ]
}

describe("Report", () => {
  it("sums up, and holds only if no law fails", () => {
    assert.deepStrictEqual(summary(report), { holds: 1, fails: 1, notRun: 1 })
    assert.isFalse(allHold(report))
    assert.isTrue(allHold({ laws: report.laws.filter(({ outcome }) => outcome._tag !== "Fails") }))
  })

  it("as text names the operation once, and says why a law fails or was not run", () => {
    assert.strictEqual(
      toText(report),
      [
        "listFacilities",
        "  ok   MUST hold",
        "",
        "createReservation",
        "  FAIL [30] MUST fail",
        '         a "<b>" & \u0000 is\nno text',
        "  --   MUST be tried",
        "         not run: there is no second channel",
        "",
        "1 laws hold, 1 fail, 1 were not run",
        ""
      ].join("\n")
    )
    assert.strictEqual(lineOf(report.laws[0]!), "  ok   MUST hold")
  })

  it("as JSON holds the sums and the laws", () => {
    assert.deepStrictEqual(JSON.parse(toJson(report)), {
      summary: { holds: 1, fails: 1, notRun: 1 },
      laws: report.laws
    })
  })

  it("as JUnit is well-formed XML whatever a problem holds", () => {
    const counts = 'tests="3" failures="1" errors="0" skipped="1" time="1.512"'
    assert.strictEqual(
      toJUnit(report),
      [
        '<?xml version="1.0" encoding="UTF-8"?>',
        `<testsuites name="bookio-conformance" ${counts}>`,
        `  <testsuite name="bookio-conformance" ${counts}>`,
        '    <testcase classname="listFacilities" name="MUST hold" time="0.012"/>',
        '    <testcase classname="createReservation.30" name="MUST fail" time="1.500">' +
          '<failure message="a &quot;&lt;b&gt;&quot; &amp; \uFFFD is&#10;no text"/></testcase>',
        '    <testcase classname="createReservation" name="MUST be tried" time="0.000">' +
          '<skipped message="there is no second channel"/></testcase>',
        "  </testsuite>",
        "</testsuites>",
        ""
      ].join("\n")
    )
  })
})
