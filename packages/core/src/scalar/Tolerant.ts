/**
 * Members that a live server may leave out or send as `null` (api.md, "Scalars"): both decode to "absent", and an absent
 * member is left out when it is encoded.
 */
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import * as SchemaGetter from "effect/SchemaGetter"

/** What decodes null to "absent"; whoever meets it knows a tolerant member by it (`page/Row`). */
export const nullIsAbsent = SchemaGetter.transformOptional<unknown, unknown>(Option.filter(Predicate.isNotNull))

/** An optional member that also decodes from `null`. */
export const tolerant = <S extends Schema.Top>(schema: S) =>
  Schema.optionalKey(Schema.NullOr(schema)).pipe(
    // Without a name of its own, or the OpenAPI document would name the nullable form after it.
    Schema.decodeTo(Schema.optionalKey(Schema.toType(schema).annotate({ identifier: undefined })), {
      decode: nullIsAbsent as SchemaGetter.Getter<S["Type"], S["Type"] | null>,
      encode: SchemaGetter.passthrough({ strict: false })
    })
  )
