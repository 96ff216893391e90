/** Tests of the schemas of a reservation: what requests may say, and what a listed row may lack. */
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import * as Reservation from "../../src/reservation/Reservation.ts"
import { problems } from "../scalar/Support.ts"

const created = {
  name: "John",
  surname: "Doe",
  email: "john@yahoo.com",
  phone: "+421948762315",
  dateFrom: "2018-06-29T12:00:00",
  locale: "sk",
  externalId: 123,
  serviceId: 5,
  facilityId: 1
}

describe("NewReservation", () => {
  it("takes what the reference requires, and a note", () => {
    expect(problems(Reservation.NewReservation, created)).toEqual([])
    expect(problems(Reservation.NewReservation, { ...created, note: "" })).toEqual([])
  })

  it.each(Object.keys(created))("requires %s", (member) => {
    const { [member]: _, ...rest } = created as { readonly [member: string]: unknown }
    expect(problems(Reservation.NewReservation, rest)).toEqual([`${member} required`])
    expect(problems(Reservation.NewReservation, { ...created, [member]: null })).toHaveLength(1)
  })

  it("tells every problem at once, each with its member", () => {
    const given = {
      name: " ",
      surname: "x".repeat(101),
      email: "john",
      phone: "12",
      dateFrom: "29.6.2018",
      dateFromOffset: "Z",
      locale: "SK",
      externalId: 0,
      serviceId: "5",
      note: "x".repeat(2001),
      facilityId: 2 ** 53
    }
    expect(problems(Reservation.NewReservation, given)).toEqual([
      "name empty",
      "surname tooLong max=100",
      "email notEmail",
      "phone notPhone",
      "dateFrom notDateTime",
      "dateFromOffset notOffset",
      "locale notLocale",
      "externalId notId",
      "serviceId notId",
      "note tooLong max=2000",
      "facilityId notId"
    ])
  })

  it.each(["2018-06-29", "2018-06-29T12:00", "2018-06-29T12:00:00Z", "2018-06-29T12:00:00.5+02:00"])(
    "takes the start %s",
    (dateFrom) => {
      expect(problems(Reservation.NewReservation, { ...created, dateFrom })).toEqual([])
    }
  )
})

describe("StatusChange", () => {
  it.each(["CONFIRMED", "CANCELLED", "DID_NOT_COME"])("takes %s", (status) => {
    expect(problems(Reservation.StatusChange, { status })).toEqual([])
  })

  it("requires a status, one of the three", () => {
    const refusal = ["status notOneOf allowed=CONFIRMED, CANCELLED, DID_NOT_COME"]
    expect(problems(Reservation.StatusChange, {})).toEqual(["status required"])
    for (const status of ["cancelled", "CANCELED", "", null, 1]) {
      expect(problems(Reservation.StatusChange, { status })).toEqual(refusal)
    }
  })

  it("takes a reason of up to 500 characters", () => {
    const reason = (length: number) => ({ status: "CANCELLED", cancellationReason: "x".repeat(length) })
    expect(problems(Reservation.StatusChange, reason(500))).toEqual([])
    expect(problems(Reservation.StatusChange, reason(501))).toEqual(["cancellationReason tooLong max=500"])
  })
})

describe("TermChange", () => {
  const decode = Schema.decodeUnknownSync(Reservation.TermChange)

  it("keeps null, absent and given apart", () => {
    expect(decode({})).toStrictEqual({})
    expect(decode({ dateTo: null })).toStrictEqual({ dateTo: null })
    expect(decode({ dateFrom: "2018-06-29" })).toStrictEqual({ dateFrom: { _tag: "Day", epochDay: 17_711 } })
  })

  it("refuses a null start and texts that are no time", () => {
    expect(problems(Reservation.TermChange, { dateFrom: null, dateTo: "2018-06-31", dateToOffset: 1 })).toEqual([
      "dateFrom notDateTime",
      "dateTo notDateTime",
      "dateToOffset notOffset"
    ])
  })
})

describe("SyncConfirmation", () => {
  it("takes an externalId or none", () => {
    expect(problems(Reservation.SyncConfirmation, {})).toEqual([])
    expect(problems(Reservation.SyncConfirmation, { externalId: 5 })).toEqual([])
    expect(problems(Reservation.SyncConfirmation, { externalId: null })).toEqual(["externalId notId"])
  })
})

describe("Reservation", () => {
  const row = {
    id: 1,
    name: "John Doe",
    service: 5,
    duration: 44,
    created: "2018-06-01T08:00:00",
    dateFrom: "2018-10-28T02:30:00",
    dateFromOffset: "+01:00",
    dateTo: "2018-10-28T03:14:00",
    needsSync: true,
    facilityId: 1,
    status: "CONFIRMED"
  }
  const absent = ["externalId", "number", "email", "phone", "cancelTime", "cancellationReason", "note"]

  it("decodes without what a live server leaves out or sends as null, and encodes without it", () => {
    const nulls = Object.fromEntries([...absent, "createdOffset", "dateToOffset"].map((member) => [member, null]))
    const decode = Schema.decodeUnknownSync(Reservation.Reservation)
    expect(decode({ ...row, ...nulls })).toStrictEqual(row)
    expect(decode({ ...row, extra: 1 })).toStrictEqual(row)
    expect(Schema.encodeSync(Reservation.Reservation)(decode({ ...row, ...nulls }))).toStrictEqual(row)
  })

  it.each(["id", "name", "service", "created", "dateFrom", "dateTo", "needsSync", "facilityId", "status"])(
    "is refused with %s null",
    (member) => {
      expect(problems(Reservation.Reservation, { ...row, [member]: null })).toHaveLength(1)
    }
  )
})
