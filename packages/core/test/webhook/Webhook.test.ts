/** Tests of what a webhook is created from, and of the ids of its messages. */
import { describe, expect, it } from "@effect/vitest"
import { Result, Schema } from "effect"
import { EventId } from "../../src/event/Event.ts"
import { CalendarId, FacilityId } from "../../src/scalar/Id.ts"
import { problemsOf } from "../../src/text/Problems.ts"
import { messageIdOf, NewWebhook, WebhookId } from "../../src/webhook/Webhook.ts"
import { isLoopbackHost, isLoopbackUrl } from "../../src/webhook/WebhookUrl.ts"

const complaints = (body: unknown) =>
  Result.match(Schema.decodeUnknownResult(NewWebhook, { errors: "all" })(body), {
    onSuccess: () => [],
    onFailure: ({ issue }) => problemsOf(issue).map(({ field, key }) => `${field} ${key}`)
  })

describe("the URL of a webhook", () => {
  it.each([
    "https://example.com",
    "https://example.com/hook?key=1&b=%20",
    "https://EXAMPLE.com:8443/",
    "https://93.184.216.34/",
    "https://[2606:4700::1111]/hook",
    "http://localhost:8080/hook",
    "http://127.0.0.1/hook",
    "https://[::1]:9/hook",
    `https://example.com/${"a".repeat(1980)}`
  ])("can be %s", (url) => {
    expect(complaints({ url })).toEqual([])
  })

  it.each([
    "",
    "example.com",
    "http://example.com/",
    "http://localhost.example.com/",
    "http://127.0.0.2/",
    "http://127.1/",
    "http://[::ffff:127.0.0.1]/",
    "ftp://example.com/",
    "https://user@example.com/",
    "https://user:password@example.com/",
    "https://localhost@example.com/",
    "http://localhost\\@example.com/",
    "https://example.com/#fragment",
    "https://example.com/a b",
    "https://example.com/ä",
    "https://example.com:123456/",
    "https:///path",
    "https://exa\nmple.com/",
    " https://example.com/"
  ])("cannot be %j", (url) => {
    expect(complaints({ url })).toEqual(["url notWebhookUrl"])
  })

  it("has at most 2,000 characters", () => {
    expect(complaints({ url: `https://example.com/${"a".repeat(1981)}` })).toEqual(["url tooLong"])
  })

  it("is loopback by name only", () => {
    expect(["localhost", "LOCALHOST", "127.0.0.1", "[::1]"].every(isLoopbackHost)).toBe(true)
    expect(["localhost.", "127.0.0.2", "::1", "example.com", ""].some(isLoopbackHost)).toBe(false)
    expect(isLoopbackUrl("http://localhost:80/x")).toBe(true)
    expect(isLoopbackUrl("https://example.com/localhost")).toBe(false)
  })
})

describe("the kinds of a webhook", () => {
  const url = "https://example.com/"

  it.each([
    [["reservation.created"], []],
    [["reservation.created", "reservation.changed", "blockedTime.removed", "calendar.changed"], []],
    [[], ["kinds empty"]],
    [["reservation.created", "reservation.created"], ["kinds repeated"]],
    [["reservation.sung"], ["kinds[0] notOneOf"]],
    ["reservation.created", ["kinds notList"]]
  ])("%j: %j", (kinds, problems) => {
    expect(complaints({ url, kinds })).toEqual(problems)
  })
})

describe("the id of a message", () => {
  const event = {
    id: EventId.make(7),
    facilityId: FacilityId.make(1),
    at: "2026-06-01T06:00:00.000Z",
    kind: "calendar.changed",
    calendarId: CalendarId.make(1)
  } as const

  it("is the same whenever it is asked for, and another for another webhook, event or history of the database", () => {
    const ids = [
      messageIdOf(WebhookId.make(1), event),
      messageIdOf(WebhookId.make(2), event),
      messageIdOf(WebhookId.make(1), { ...event, id: EventId.make(8) }),
      messageIdOf(WebhookId.make(1), { ...event, at: "2026-06-01T06:00:00.001Z" })
    ]
    expect(new Set(ids).size).toBe(4)
    expect(messageIdOf(WebhookId.make(1), { ...event })).toBe(ids[0])
    // A dot would make the signed text ambiguous.
    expect(ids.filter((id) => !/^[\w]+$/.test(id))).toEqual([])
  })
})
