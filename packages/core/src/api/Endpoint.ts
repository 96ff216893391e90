/** What all endpoints share: the `lang` parameter, the failures, and the notes that the definition carries. */
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as Schema from "effect/Schema"
import { IdempotencyKey } from "../idempotency/IdempotencyKey.ts"
import { saying } from "../scalar/Check.ts"
import { described } from "../scalar/Described.ts"
import { FacilityId } from "../scalar/Id.ts"
import { fromDecimal, wholeNumber } from "../scalar/Parameters.ts"
import { Failure } from "./Envelope.ts"

/** Every request accepts `lang`; what is not supported means `en`. */
export const lang = {
  lang: described(
    Schema.optionalKey(Schema.String.annotate({ ...saying("notText"), examples: ["sk"] })),
    "Language of texts: en, sk, cs, de, hu or pl; anything else means en."
  )
}

/** Which rows of a listing: 0 and 100 where left out. */
export const paging = {
  offset: described(Schema.optionalKey(wholeNumber(0, Number.MAX_SAFE_INTEGER)), "Rows to skip, 0 by default."),
  limit: described(Schema.optionalKey(wholeNumber(0, 100)), "The most rows to return, 100 by default.")
}

/** The instant that a listing of changes starts from, inclusive. */
export const lastSync = described(
  Schema.optionalKey(wholeNumber(0, Number.MAX_SAFE_INTEGER)),
  "Only what changed at or after this instant, Unix time in milliseconds."
)

/** The facility of a listing; all that the token reaches where left out. */
export const oneFacility = described(
  Schema.optionalKey(fromDecimal(FacilityId)),
  "Only of this facility; without it, of all that the token reaches."
)

/** The header by which a creating request can be repeated (an extension; a server that does not know it ignores it). */
export const idempotency = Schema.Struct({
  "idempotency-key": described(
    Schema.optionalKey(IdempotencyKey),
    "Makes the request repeatable: for 24 hours the same key with the same body gives the first answer again, with the header Idempotency-Replayed: true. With another body it is errorCode 10. 1 to 255 visible ASCII characters, of this token and operation."
  )
})

/** The name of a header as it is written; the contract has it in lower case, as it reaches a server. */
export const inHeaderCase = (name: string): string => name.replace(/(?<=^|-)[a-z]/g, (letter) => letter.toUpperCase())

const failure = (status: number) => Failure.pipe(HttpApiSchema.status(status))

/** The statuses with which any operation can fail. */
export const readErrors = [400, 403, 404, 429, 500, 502, 503, 504].map(failure)

/** Those of an operation with a body. */
export const writeErrors = [...readErrors, ...[413, 415].map(failure)]
