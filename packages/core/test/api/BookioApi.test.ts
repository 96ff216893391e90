/** Tests of the definition against the table of operations, and of who may call what. */
import { describe, expect, it } from "@effect/vitest"
import { basePath, extensionPath, routes } from "../../src/api/BookioApi.ts"
import { operations, serverOperations } from "./Support.ts"

const table = [
  ["listFacilities", "GET", "/facilities/cgm", "documented"],
  ["listCalendars", "GET", "/calendars", "documented"],
  ["createCalendar", "POST", "/calendars", "inferred"],
  ["updateCalendar", "PUT", "/calendars/:calendarId", "inferred"],
  ["endCalendar", "PUT", "/calendars/:calendarId/end", "inferred"],
  ["listReservations", "GET", "/reservations", "sister API"],
  ["createReservation", "POST", "/reservations", "inferred"],
  ["changeReservationStatus", "PUT", "/reservations/:reservationId/status", "inferred"],
  ["changeReservationTerm", "PUT", "/reservations/:reservationId/term", "inferred"],
  ["confirmReservationSync", "PUT", "/reservations/:reservationId/sync", "inferred"],
  ["listBlockedTimes", "GET", "/blocked-times", "inferred"],
  ["createBlockedTime", "POST", "/blocked-times", "inferred"],
  ["changeBlockedTimeTerm", "PUT", "/blocked-times/:blockedTimeId/term", "inferred"],
  ["removeBlockedTime", "DELETE", "/blocked-times/:blockedTimeId", "inferred"]
]

describe("the definition", () => {
  it("has the 14 operations of the reference, in its order, with where each path is known from", () => {
    expect(routes().map((route) => [route.operation, route.method, route.path, route.provenance])).toEqual(table)
  })

  it("is served under the documented base path, beside the extension", () => {
    const [base, extension] = [basePath, extensionPath]
    expect([base, extension]).toEqual(["/public/api/v1", "/ext/v1"])
    expect(serverOperations.map(({ method, name, path }) => [name, method, path])).toEqual([
      ...table.map(([name, method, path]) => [name, method, `${base}${path}`]),
      ["listSlots", "GET", `${extension}/slots`],
      ["listAuditEntries", "GET", `${extension}/audit`],
      ["listEvents", "GET", `${extension}/events`],
      ["listWebhooks", "GET", `${extension}/webhooks`],
      ["createWebhook", "POST", `${extension}/webhooks`],
      ["removeWebhook", "DELETE", `${extension}/webhooks/:webhookId`],
      ["rotateWebhookSecret", "PUT", `${extension}/webhooks/:webhookId/secret`],
      ["listUndelivered", "GET", `${extension}/webhooks/undelivered`],
      ["redeliver", "POST", `${extension}/webhooks/undelivered/:undeliveredId/redeliver`]
    ])
  })

  it("lets each access level do what engine.md, rule 12, says", () => {
    const callable = (access: string) =>
      serverOperations.filter(({ allowed }) => allowed.includes(access)).map(({ name }) => name)
    const lists = ["listFacilities", "listCalendars", "listReservations", "listBlockedTimes", "listSlots", "listEvents"]
    const all = serverOperations.map(({ name }) => name)
    expect(callable("book")).toEqual([
      "listFacilities",
      "listCalendars",
      "listReservations",
      "createReservation",
      "listSlots"
    ])
    expect(callable("read")).toEqual(lists)
    const admins = serverOperations
      .filter(({ path }) => /\/ext\/v1\/(audit|webhooks)/.test(path))
      .map(({ name }) => name)
    expect(admins).toHaveLength(7)
    expect(callable("write")).toEqual(all.filter((name) => !admins.includes(name)))
    expect(callable("admin")).toEqual(all)
  })

  it.each(operations)("$name can fail with every status of the error table", ({ errorStatuses, payload }) => {
    const statuses = [400, 401, 403, 404, 429, 500, 502, 503, 504]
    expect(errorStatuses).toEqual(payload === undefined ? statuses : [...statuses, 413, 415].toSorted((a, b) => a - b))
  })
})
