/** Operation 1 of the reference. */
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as OpenApi from "effect/http-api/OpenApi"
import * as Schema from "effect/Schema"
import { Facility } from "../facility/Facility.ts"
import { Authorization } from "./Authorization.ts"
import { lang, readErrors } from "./Endpoint.ts"
import { Success } from "./Envelope.ts"
import { AllowedAccess, everyone, Provenance } from "./Operation.ts"
import { RequestForm } from "./RequestForm.ts"

export class FacilitiesGroup extends HttpApiGroup.make("facilities")
  .add(
    HttpApiEndpoint.get("listFacilities", "/facilities/cgm", {
      query: Schema.Struct(lang),
      success: Success(Schema.Struct({ facilities: Schema.Array(Facility) })),
      error: readErrors
    })
      .annotate(OpenApi.Summary, "Returns a list of CGM facilities.")
      .annotate(AllowedAccess, everyone)
      .annotate(Provenance, "documented")
  )
  .middleware(RequestForm)
  .middleware(Authorization)
  .annotate(OpenApi.Title, "Facilities") {}
