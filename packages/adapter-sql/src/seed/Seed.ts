/**
 * The format of a seed: the channels, tokens, facilities and calendars that a server starts with, and for a demonstration
 * also reservations and blocked times. It is the API's own vocabulary, with keys in place of ids that do not exist yet.
 */
import { Access } from "@bookio-kit/core/access/Caller"
import { IntervalInput, ServiceInput } from "@bookio-kit/core/calendar/Calendar"
import { Facility } from "@bookio-kit/core/facility/Facility"
import { ReservationStatus } from "@bookio-kit/core/reservation/Reservation"
import { check, saying } from "@bookio-kit/core/scalar/Check"
import { ExternalId, Id } from "@bookio-kit/core/scalar/Id"
import { CancellationReason, Email, Locale, Name, Note, PersonName, Phone } from "@bookio-kit/core/scalar/Words"
import { LocalDate } from "@bookio-kit/core/time/LocalDate"
import { WallTime } from "@bookio-kit/core/time/WallTime"
import * as Schema from "effect/Schema"

const Key = Name.annotate({
  description: "What this seed calls it; never changes. A second start finds it again by it."
})

const list = <S extends Schema.Top>(item: S) => Schema.Array(item).annotate(saying("notList"))

const CalendarSeed = Schema.Struct({
  key: Key,
  name: Name,
  note: Schema.optionalKey(Note),
  validFrom: LocalDate,
  validTo: LocalDate,
  services: list(ServiceInput),
  intervals: list(IntervalInput)
}).annotate({ identifier: "CalendarSeed" })

const ReservationSeed = Schema.Struct({
  channel: Name.annotate({ description: "The name of the channel that made it." }),
  calendar: Key.annotate({ description: "The key of its calendar." }),
  serviceId: Id.annotate({ description: "The id of its service within that calendar's `services`." }),
  externalId: ExternalId,
  name: PersonName,
  surname: PersonName,
  email: Email,
  phone: Phone,
  locale: Locale,
  note: Schema.optionalKey(Note),
  dateFrom: WallTime,
  status: Schema.optionalKey(ReservationStatus),
  cancellationReason: Schema.optionalKey(CancellationReason)
}).annotate({ identifier: "ReservationSeed" })

const BlockedTimeSeed = Schema.Struct({
  channel: Name.annotate({ description: "The name of the channel that made it." }),
  externalId: ExternalId,
  dateFrom: WallTime,
  dateTo: WallTime,
  note: Note
}).annotate({ identifier: "BlockedTimeSeed" })

const { address, name, timeZone } = Facility.fields

const ContactSeed = Schema.Struct({ phone: Schema.optionalKey(Phone), email: Schema.optionalKey(Email) }).annotate({
  identifier: "ContactSeed"
})

const FacilitySeed = Schema.Struct({
  key: Key,
  name,
  address,
  contact: ContactSeed,
  timeZone,
  calendars: list(CalendarSeed),
  reservations: Schema.optionalKey(list(ReservationSeed)),
  blockedTimes: Schema.optionalKey(list(BlockedTimeSeed))
}).annotate({ identifier: "FacilitySeed" })
export type FacilitySeed = typeof FacilitySeed.Type

const Sha256 = Schema.String.check(
  check((text: string) => /^[0-9a-f]{64}$/.test(text), "notSha256", { jsonSchema: { pattern: "^[0-9a-f]{64}$" } })
).annotate({ description: "SHA-256 of the token's text in UTF-8, in lower-case hexadecimal." })

const TokenSeed = Schema.Struct({
  token: Schema.optionalKey(
    Name.annotate({
      description: "The token itself: 43 or more characters A-Z a-z 0-9 - _ (32 random bytes in base64url)."
    })
  ),
  sha256: Schema.optionalKey(Sha256),
  access: Access.annotate(saying("notOneOf", { allowed: "book, read, write, admin" })),
  expiresAt: Schema.optionalKey(
    Schema.DateTimeUtcFromString.annotate({ ...saying("notDateTime"), description: "RFC 3339; none: never." })
  )
}).annotate({ identifier: "TokenSeed" })
export type TokenSeed = typeof TokenSeed.Type

const ChannelSeed = Schema.Struct({
  name: Name,
  facilities: list(Key).annotate({ description: "The keys of the facilities that it reaches." }),
  tokens: list(TokenSeed)
}).annotate({ identifier: "ChannelSeed" })
export type ChannelSeed = typeof ChannelSeed.Type

/** A seed. `demo: true` allows tokens that can be guessed; such a seed is refused unless the server is on loopback. */
export const Seed = Schema.Struct({
  $schema: Schema.optionalKey(Schema.String),
  demo: Schema.optionalKey(Schema.Boolean),
  facilities: list(FacilitySeed),
  channels: list(ChannelSeed)
}).annotate({ identifier: "Seed", ...saying("notObject") })
export type Seed = typeof Seed.Type
