/**
 * Core's port of calendars over HTTP. A calendar has no externalId, so a write whose outcome is unknown cannot be settled:
 * it fails with `OutcomeUnknown` (sync.md, "Unknown outcomes").
 */
import { Caller } from "@bookio-kit/core/access/Caller"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import type { CalendarId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Answered } from "./Answer.ts"
import { BookioClient } from "./BookioClient.ts"
import { CurrentIdempotencyKey, headersOf } from "./CurrentIdempotencyKey.ts"
import { calendars, only, responseMode, successOf } from "./Operations.ts"
import { textOf } from "./Said.ts"

const { createCalendar, endCalendar, listCalendars, updateCalendar } = calendars.endpoints
const listSuccess = successOf(listCalendars)
const createSuccess = successOf(createCalendar)
const updateSuccess = successOf(updateCalendar)
const endSuccess = successOf(endCalendar)

// A warning that is not of our catalogue may hold anything, and is left out.
const written = Effect.fnUntraced(function* ({ data, said }: Answered<{ readonly calendarId: CalendarId }>) {
  const { language } = yield* Caller
  return { calendarId: data.calendarId, warnings: said.flatMap((sentence) => textOf(sentence, language) ?? []) }
})

const createErrors = only("ValidationError", "PermissionDenied", "InvalidToken")
const changeErrors = only("ValidationError", "ResourceNotFound", "PermissionDenied", "InvalidToken")
const never = { _tag: "Never" } as const

export const layer: Layer.Layer<Calendars, never, BookioClient> = Layer.effect(Calendars)(
  Effect.map(BookioClient, ({ api, read, write }) =>
    Calendars.of({
      list: Effect.fn("Calendars.list")(function* (given) {
        const { data } = yield* read({
          operation: "listCalendars",
          success: listSuccess,
          send: (lang) => api.calendars.listCalendars({ query: { ...given, ...lang }, responseMode })
        }).pipe(only("PermissionDenied", "InvalidToken"))
        return data.calendars
      }),
      create: Effect.fn("Calendars.create")(function* (payload) {
        const headers = headersOf(yield* CurrentIdempotencyKey)
        const call = {
          operation: "createCalendar",
          success: createSuccess,
          send: (query: { readonly lang: string }) =>
            api.calendars.createCalendar({ headers, query, payload, responseMode })
        }
        return yield* Effect.flatMap(createErrors(write(call, never)), written)
      }),
      update: Effect.fn("Calendars.update")(function* (calendarId, payload) {
        const call = {
          operation: "updateCalendar",
          success: updateSuccess,
          send: (query: { readonly lang: string }) =>
            api.calendars.updateCalendar({ params: { calendarId }, query, payload, responseMode })
        }
        return yield* Effect.flatMap(changeErrors(write(call, never)), written)
      }),
      end: Effect.fn("Calendars.end")(function* (calendarId, payload) {
        const call = {
          operation: "endCalendar",
          success: endSuccess,
          send: (query: { readonly lang: string }) =>
            api.calendars.endCalendar({ params: { calendarId }, query, payload, responseMode })
        }
        return yield* Effect.flatMap(changeErrors(write(call, never)), written)
      })
    })
  )
)
