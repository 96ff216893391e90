/** What the tests of schemas share: the problems of a value in short, as `field key`, in the order they are told. */
import { Result, Schema } from "effect"
import { problemsOf } from "../../src/text/Problems.ts"
import type { Text } from "../../src/text/Text.ts"

/** The texts that a value is refused with; none for one that is accepted. */
export const textsOf = <A, I>(schema: Schema.Codec<A, I>, value: unknown): ReadonlyArray<Text> =>
  Result.match(Schema.decodeUnknownResult(schema, { errors: "all" })(value), {
    onSuccess: () => [],
    onFailure: (error) => problemsOf(error.issue)
  })

const short = ({ field, key, params }: Text) =>
  [field, key, ...Object.entries(params ?? {}).map(([name, value]) => `${name}=${value}`)]
    .filter((part) => part !== undefined)
    .join(" ")

export const problems = <A, I>(schema: Schema.Codec<A, I>, value: unknown): ReadonlyArray<string> =>
  textsOf(schema, value).map(short)
