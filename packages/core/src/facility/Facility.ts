/**
 * A facility: a clinic with its address, contact and time zone. All wall-clock times of a facility's calendars,
 * reservations and blocked times are in that zone.
 */
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { saying } from "../scalar/Check.ts"
import { FacilityId } from "../scalar/Id.ts"
import { tolerant } from "../scalar/Tolerant.ts"
import { Name } from "../scalar/Words.ts"
import { TimeZone } from "../time/TimeZone.ts"

export const Country = Schema.Struct({
  name: Name.annotate({ examples: ["Slovakia"] }),
  /** ISO 3166-1 alpha-3, such as `SVK`. */
  code: Schema.String.annotate({ ...saying("notText"), examples: ["SVK"] })
})

const degrees = (limit: number) =>
  Schema.Finite.annotate(saying("notNumber")).check(
    Schema.isBetween({ minimum: -limit, maximum: limit }, saying("notCoordinate", { min: -limit, max: limit }))
  )

/** WGS 84 degrees, north and east positive. */
export const Gps = Schema.Struct({
  latitude: degrees(90).annotate({ examples: [48.152115] }),
  longitude: degrees(180).annotate({ examples: [17.108769] })
})

const members = {
  street: Schema.String.annotate({ ...saying("notText"), examples: ["Second street"] }),
  city: Schema.String.annotate({ ...saying("notText"), examples: ["Bratislava"] }),
  country: tolerant(Country),
  gps: tolerant(Gps)
}

// On the wire a postcode is a number or a string. It is a string to its reader, and goes out again as it came.
const WireAddress = Schema.Struct({
  ...members,
  postcode: Schema.Union([Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)), Schema.String]).annotate({
    ...saying("notPostcode"),
    examples: [82104]
  })
})

export const Address = WireAddress.pipe(
  Schema.decodeTo(
    Schema.toType(Schema.Struct({ ...members, postcode: Schema.String, postcodeIsNumber: Schema.Boolean })),
    SchemaTransformation.transform({
      decode: (address) => ({
        ...address,
        postcode: String(address.postcode),
        postcodeIsNumber: Predicate.isNumber(address.postcode)
      }),
      encode: ({ postcodeIsNumber, ...address }) => ({
        ...address,
        postcode: postcodeIsNumber ? Number(address.postcode) : address.postcode
      })
    })
  )
)

/** As the server has it: one odd number must not hide a facility. */
export const Contact = Schema.Struct({ phone: tolerant(Schema.String), email: tolerant(Schema.String) })

/** A facility as the reference lists it. */
export const Facility = Schema.Struct({
  id: FacilityId,
  name: Name.annotate({ examples: ["Stomatologia ABC"] }),
  address: Address,
  contact: Contact,
  timeZone: TimeZone
}).annotate({ identifier: "Facility" })
export type Facility = typeof Facility.Type
