/** What the OpenAPI document says of one member, beside what it says of the member's type. */
import * as Schema from "effect/Schema"

/** The same member with a description, on the wire's side of the schema, which is the one that is documented. */
export const described = <S extends Schema.Top>(member: S, description: string): S["Rebuild"] =>
  member.ast.encoding === undefined
    ? member.annotateKey({ description })
    : Schema.flip(Schema.flip(member).annotateKey({ description }))
