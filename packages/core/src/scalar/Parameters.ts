/**
 * Scalars as they stand in a path or a query: decimal text for numbers, `true` and `false` for booleans. Strict on
 * purpose: `0x10`, ` 5`, `1e3` and `yes` are mistakes of the caller, not numbers.
 */
import * as Schema from "effect/Schema"
import * as SchemaTransformation from "effect/SchemaTransformation"
import { saying, whole } from "./Check.ts"

// NaN never passes the checks of the schema behind it, so text that is no number is reported as what that schema wants.
const decimal = SchemaTransformation.transform<number, string>({
  decode: (text) => (/^\d{1,17}$/.test(text) ? Number(text) : Number.NaN),
  encode: String
})

const Decimal = Schema.Number.annotate(saying("notNumber"))

/** The annotation that holds what a parameter's text stands for, as the OpenAPI document is to show it. */
export const meaningAnnotation = "x-bookio-meaning"

/** A number of a domain schema, written in decimal digits; both ends of `range` are inclusive. */
export const fromDecimal = <S extends Schema.Codec<number, number>>(
  schema: S,
  range: { readonly minimum: number; readonly maximum?: number } = { minimum: 1 }
) =>
  Schema.String.annotate({ [meaningAnnotation]: { type: "integer", format: "int64", ...range } }).pipe(
    Schema.decodeTo(Decimal, decimal),
    Schema.decodeTo(schema)
  )

/** A whole number from `minimum` to `maximum`, both inclusive, in decimal digits. */
export const wholeNumber = (minimum: number, maximum: number) =>
  fromDecimal(whole(minimum, maximum), { minimum, maximum })

/** `true` or `false`. */
export const BooleanText = Schema.Literals(["true", "false"])
  .annotate({ ...saying("notBoolean"), [meaningAnnotation]: { type: "boolean" } })
  .pipe(
    Schema.decodeTo(
      Schema.Boolean,
      SchemaTransformation.transform({
        decode: (text: "true" | "false") => text === "true",
        encode: (value: boolean) => (value ? ("true" as const) : ("false" as const))
      })
    )
  )
