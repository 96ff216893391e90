/** Operations 2 to 5 of the reference. */
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as OpenApi from "effect/http-api/OpenApi"
import * as Schema from "effect/Schema"
import { Calendar, CalendarChange, CalendarEnd, NewCalendar } from "../calendar/Calendar.ts"
import { described } from "../scalar/Described.ts"
import { CalendarId } from "../scalar/Id.ts"
import { fromDecimal } from "../scalar/Parameters.ts"
import { LocalDate } from "../time/LocalDate.ts"
import { Authorization } from "./Authorization.ts"
import { idempotency, lang, oneFacility, readErrors, writeErrors } from "./Endpoint.ts"
import { Success } from "./Envelope.ts"
import { AllowedAccess, everyone, Provenance, writers } from "./Operation.ts"
import { RequestForm } from "./RequestForm.ts"

const Written = Success(Schema.Struct({ calendarId: CalendarId }))
const params = Schema.Struct({ calendarId: fromDecimal(CalendarId) })

export class CalendarsGroup extends HttpApiGroup.make("calendars")
  .add(
    HttpApiEndpoint.get("listCalendars", "/calendars", {
      query: Schema.Struct({
        date: described(
          Schema.optionalKey(LocalDate),
          "Only calendars that are valid on this day, whatever its weekday; without it all, ended ones too."
        ),
        facilityId: oneFacility,
        ...lang
      }),
      success: Success(Schema.Struct({ calendars: Schema.Array(Calendar) })),
      error: readErrors
    })
      .annotate(OpenApi.Summary, "Looks for calendars in specified time")
      .annotate(AllowedAccess, everyone)
      .annotate(Provenance, "documented"),
    HttpApiEndpoint.post("createCalendar", "/calendars", {
      headers: idempotency,
      query: Schema.Struct(lang),
      payload: NewCalendar,
      success: Written,
      error: writeErrors
    })
      .annotate(OpenApi.Summary, "Creates calendar from requested data.")
      .annotate(AllowedAccess, writers)
      .annotate(Provenance, "inferred"),
    HttpApiEndpoint.put("updateCalendar", "/calendars/:calendarId", {
      params,
      query: Schema.Struct(lang),
      payload: CalendarChange,
      success: Written,
      error: writeErrors
    })
      .annotate(OpenApi.Summary, "Updates calendar from requested data.")
      .annotate(AllowedAccess, writers)
      .annotate(Provenance, "inferred"),
    HttpApiEndpoint.put("endCalendar", "/calendars/:calendarId/end", {
      params,
      query: Schema.Struct(lang),
      payload: CalendarEnd,
      success: Written,
      error: writeErrors
    })
      .annotate(OpenApi.Summary, "Ends specified calendar at specified date.")
      .annotate(AllowedAccess, writers)
      .annotate(Provenance, "inferred")
  )
  .middleware(RequestForm)
  .middleware(Authorization)
  .annotate(OpenApi.Title, "Calendars") {}
