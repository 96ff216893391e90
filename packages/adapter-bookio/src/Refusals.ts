/** The refusals of a server as core's classes: what its code, its sentences and the operation tell together. */
import type { Refusal } from "@bookio-kit/core/error/Refusal"
import * as Errors from "@bookio-kit/core/error/Refusal"
import { BlockedTimeId, ReservationId } from "@bookio-kit/core/scalar/Id"
import { type Language, say, type TextKey } from "@bookio-kit/core/text/Text"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import type { Verdict } from "./Answers.ts"
import { remember, textOf } from "./Said.ts"

type Resource = Errors.ResourceNotFound["resource"]

// What an operation does not find where the server does not say.
const missing: { readonly [operation: string]: Resource } = {
  updateCalendar: "Calendar",
  endCalendar: "Calendar",
  createReservation: "Service",
  listSlots: "Service",
  changeReservationStatus: "Reservation",
  changeReservationTerm: "Reservation",
  confirmReservationSync: "Reservation",
  changeBlockedTimeTerm: "BlockedTime",
  removeBlockedTime: "BlockedTime"
}

const resources: { readonly [K in TextKey]?: Resource } = {
  noFacility: "Facility",
  noCalendar: "Calendar",
  noService: "Service",
  noReservation: "Reservation",
  noBlockedTime: "BlockedTime"
}

const duplicates: { readonly [K in TextKey]?: Errors.DuplicateReservation["reason"] } = {
  duplicateExternalId: "externalId",
  duplicateRetry: "retry",
  duplicatePerson: "person"
}

const isReservationId = Schema.is(ReservationId)
const isBlockedTimeId = Schema.is(BlockedTimeId)

const duplicateOf = (keys: ReadonlyArray<TextKey>, data: unknown) => {
  const { blockedTimeId, reservationId }: { readonly blockedTimeId?: unknown; readonly reservationId?: unknown } =
    Predicate.isObject(data) ? data : {}
  return new Errors.DuplicateReservation({
    reason: keys.map((key) => duplicates[key]).find(Predicate.isNotUndefined) ?? "externalId",
    ...(isReservationId(reservationId) ? { reservationId } : {}),
    ...(isBlockedTimeId(blockedTimeId) ? { blockedTimeId } : {})
  })
}

/** A refusal of an operation, with what the server said to be had from `saidBy`. */
export const toRefusal = (
  { code, data, said }: Extract<Verdict, { readonly _tag: "Refusal" }>,
  operation: string,
  language: Language
): Refusal => {
  const texts = said.map((sentence) => textOf(sentence, language))
  const keys = texts.flatMap((text) => (text === undefined ? [] : [text.key]))
  const make = (): Refusal => {
    switch (code) {
      case 10: {
        const [first = say("invalid"), ...others] = texts.map((text) => text ?? say("invalid"))
        return new Errors.ValidationError({ problems: [first, ...others] })
      }
      case 11:
        return new Errors.PaymentError()
      case 12:
        return new Errors.ResourceNotFound({
          resource: keys.map((key) => resources[key]).find(Predicate.isNotUndefined) ?? missing[operation] ?? "Facility"
        })
      case 20:
        return new Errors.InvalidToken({ reason: keys.includes("tokenMissing") ? "missing" : "invalid" })
      case 30:
        return new Errors.NoCapacityLeft({ reason: keys.includes("timeBlocked") ? "blocked" : "full" })
      case 40:
        return duplicateOf(keys, data)
      case 403:
        return new Errors.PermissionDenied({ reason: keys.includes("facilityDenied") ? "facility" : "access" })
      case 404:
        return new Errors.EndpointNotFound()
    }
  }
  return remember(make(), said)
}
