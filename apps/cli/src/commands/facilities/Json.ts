/** A facility as JSON shows it: as the API does. Apart from the command, for a table needs no schema. */
import { Facility } from "@bookio-kit/core/facility/Facility"
import * as Schema from "effect/Schema"

/** Encodes a facility. */
export const toJson = Schema.encodeSync(Facility)
