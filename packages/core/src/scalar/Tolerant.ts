/**
 * Members that a live server may leave out or send as `null` (api.md, "Scalars"): both decode to "absent", and an absent
 * member is left out when it is encoded.
 */
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"

/** An optional member that also decodes from `null`. */
export const tolerant = <S extends Schema.Top>(schema: S) =>
  Schema.optional(Schema.NullOr(schema)).pipe(
    Schema.decodeTo(Schema.optionalKey(Schema.toType(schema)), {
      decode: SchemaGetter.transformOptional(
        Option.filter(
          (value: S["Type"] | null | undefined): value is S["Type"] => value !== null && value !== undefined
        )
      ),
      encode: SchemaGetter.passthrough({ strict: false })
    })
  )
