/**
 * The English catalogue of everything that is said to a user. Its keys are the keys of all catalogues; `{name}` stands
 * for a parameter, and the same parameters stand in every language. The field that a text is about is put before it by
 * `Text.render`, so no entry repeats it.
 */
export const en = {
  // The form of a request
  required: "is required",
  notText: "must be a text",
  notNumber: "must be a number",
  notBoolean: "must be true or false",
  notList: "must be a list",
  notObject: "must be an object",
  notId: "must be a whole number from 1 to 9007199254740991",
  notWhole: "must be a whole number from {min} to {max}",
  notCoordinate: "must be a number from {min} to {max}",
  notEmail: "must be an e-mail address such as name@example.com",
  notPhone: "must be a phone number: an optional +, then 7 to 15 digits, with spaces, -, /, ( and ) allowed",
  notLocale: "must be a language of two letters a to z, such as sk",
  notDate: "must be a day that exists, written as YYYY-MM-DD",
  notTime: "must be a time from 00:00 to 24:00, written as HH:mm",
  notDateTime: "must be a time that exists, written as YYYY-MM-DDTHH:mm:ss, or an RFC 3339 time with its offset",
  notOffset: "must be an offset from UTC such as +01:00",
  notTimeZone: "must be an IANA time zone such as Europe/Bratislava",
  notOneOf: "must be one of {allowed}",
  notWeekDay: "must be a day of the week from 1 (Monday) to 7 (Sunday)",
  notJson: "must be valid JSON in UTF-8",
  notPostcode: "must be a number or a text",
  notSha256: "must be 64 hexadecimal digits in lower case",
  empty: "must not be empty",
  tooLong: "must have at most {max} characters",
  tooManyDays: "must span at most {max} days",
  badCharacters: "must not hold the character U+0000 or half of a surrogate pair",
  repeatedParameter: "must be given only once",
  repeated: "must not name {value} twice",
  repeatedDay: "must not name a day twice",
  notIdempotencyKey: "must be 1 to 255 visible ASCII characters",
  keyReused: "was used for another request; a new request needs a new key",
  contentType: "must be sent as application/json in UTF-8",
  bodyTooLarge: "must have at most {max} bytes",
  invalid: "is not valid",

  // Booking rules
  inGap: "does not exist on that day: clocks go forward over it",
  offsetMismatch: "is not an offset that the facility's time zone has at that time",
  notAfter: "must be after {other}",
  after: "must not be after {other}",
  notBefore: "must be before {other}",
  closed: "lies outside the opening hours of the calendar",
  statusChange: "cannot change from {from} to {to}",
  notConfirmed: "cannot be moved, as it is {status}; only a CONFIRMED reservation can",
  externalIdUnknown: "is required, as this channel has not told one before",
  serviceRemoved: "names a service that has been removed",
  serviceInUse: "must keep service {service}: future reservations name it ({reservations})",
  unknownService: "names service {service}, which is not among the services of this calendar",
  overlappingIntervals: "overlaps {other} on the same day of the week for the same service",
  endTooEarly: "must not be before {date}",

  // Refusals
  noFacility: "there is no such facility",
  noCalendar: "there is no such calendar",
  noService: "there is no such service",
  noReservation: "there is no such reservation",
  noBlockedTime: "there is no such blocked time",
  tokenMissing: "a Bearer token is required",
  tokenInvalid: "the token is not valid",
  timeBlocked: "the time is blocked",
  noCapacity: "there is no capacity left at that time",
  duplicateExternalId: "is already used by another record of this channel",
  duplicateRetry: "repeats a record that has been cancelled or removed in the last 24 hours",
  duplicatePerson: "this person already has a reservation for that service and time",
  facilityDenied: "this token does not reach that facility",
  accessDenied: "this token is not allowed to do that",
  noEndpoint: "there is no such endpoint, or it does not accept this method",
  paymentError: "the reservation cannot be marked as paid",

  // Failures
  internal: "internal error; it was logged under the request id {requestId}",
  rateLimited: "too many requests; try again later",
  overloaded: "the server is overloaded; try again later",
  unreachable: "the reservation system cannot be reached; try again later",
  malformedResponse: "the reservation system gave an answer that cannot be understood",
  timeout: "the request took too long; try again later",
  outcomeUnknown: "it is not known whether the change was made; look it up before sending it again",

  // Warnings
  leftOutsideOpening: "these future reservations now lie outside the opening hours: {reservations}",
  leftOverCapacity: "these future reservations now exceed the capacity: {reservations}"
} as const
