/** Tests of a facility's schema: its postcode of two forms, and what a live server may leave out. */
import { describe, expect, it } from "@effect/vitest"
import { Schema } from "effect"
import * as fc from "fast-check"
import { Facility } from "../../src/facility/Facility.ts"
import { problems } from "../scalar/Support.ts"

const facility = {
  id: 123,
  name: "Stomatologia ABC",
  address: { street: "Second street", city: "Bratislava", postcode: 82104 as unknown },
  contact: {},
  timeZone: "Europe/Bratislava"
}
const withPostcode = (postcode: unknown) => ({ ...facility, address: { ...facility.address, postcode } })
const decode = Schema.decodeUnknownSync(Facility)

describe("a postcode", () => {
  it.each([
    [82104, "82104"],
    [0, "0"],
    ["821 04", "821 04"],
    ["01234", "01234"],
    ["", ""]
  ])("is a text to its reader: %j", (sent, read) => {
    expect(decode(withPostcode(sent)).address.postcode).toBe(read)
  })

  it("goes out again as it came", () => {
    fc.assert(
      fc.property(fc.oneof(fc.maxSafeNat(), fc.string()), (postcode) => {
        expect(Schema.encodeSync(Facility)(decode(withPostcode(postcode)))).toStrictEqual(withPostcode(postcode))
      })
    )
  })

  it.each([null, -1, 1.5, true, {}])("is refused: %j", (postcode) => {
    expect(problems(Facility, withPostcode(postcode))).toEqual(["address.postcode notPostcode"])
  })
})

describe("a facility", () => {
  it("may lack country, gps, phone and e-mail, or have them null", () => {
    const { address, contact } = decode({
      ...facility,
      address: { ...facility.address, country: null, gps: null },
      contact: { phone: null, email: null }
    })
    expect(address).toStrictEqual({ ...decode(facility).address })
    expect(address).not.toHaveProperty("country")
    expect(contact).toStrictEqual({})
  })

  it("is listed with whatever contact its server has", () => {
    const contact = { phone: "klapka 12", email: "recepcia" }
    expect(decode({ ...facility, contact }).contact).toEqual(contact)
  })

  it("tells every problem with its place", () => {
    expect(
      problems(Facility, {
        id: "1",
        name: "",
        address: { street: 1, country: { name: "Slovakia" }, gps: { latitude: 91, longitude: -180.1 }, postcode: [] },
        contact: { phone: 5, email: [] },
        timeZone: "+02:00"
      })
    ).toEqual([
      "id notId",
      "name empty",
      "address.street notText",
      "address.city required",
      "address.country.code required",
      "address.gps.latitude notCoordinate min=-90 max=90",
      "address.gps.longitude notCoordinate min=-180 max=180",
      "address.postcode notPostcode",
      "contact.phone notText",
      "contact.email notText",
      "timeZone notTimeZone"
    ])
  })

  it("wants numbers for coordinates", () => {
    const gps = { latitude: "48", longitude: null }
    expect(problems(Facility, { ...facility, address: { ...facility.address, gps } })).toEqual([
      "address.gps.latitude notNumber",
      "address.gps.longitude notNumber"
    ])
  })
})
