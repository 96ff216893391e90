/**
 * The keys file: the client keys of a gateway as digests, what each may do, and the name of the environment variable that
 * holds the upstream token it stands for; or that callers bring upstream tokens of their own (`passthrough`). Tokens never
 * stand in the file, and no problem that is told of it repeats one.
 */
import { Access } from "@bookio-kit/core/access/Caller"
import { check, saying, whole } from "@bookio-kit/core/scalar/Check"
import { FacilityId } from "@bookio-kit/core/scalar/Id"
import { Name } from "@bookio-kit/core/scalar/Words"
import { SettingsError } from "@bookio-kit/core/settings/Settings"
import { problemsOf } from "@bookio-kit/core/text/Problems"
import { render } from "@bookio-kit/core/text/Text"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Predicate from "effect/Predicate"
import * as Redacted from "effect/Redacted"
import * as Schema from "effect/Schema"
import { digestOf } from "./Digest.ts"
import type { Rate } from "./TokenBucket.ts"

const RateRule = Schema.Struct({
  requestsPerSecond: Schema.Finite.annotate(saying("notNumber")).check(
    Schema.isBetween({ minimum: 0.01, maximum: 100_000 }, saying("notCoordinate", { min: 0.01, max: 100_000 }))
  ),
  burst: whole(1, 100_000)
})

const KeyRule = Schema.Struct({
  /** What people call it; unique. */
  name: Name,
  /** SHA-256 of the key in UTF-8. */
  sha256: Schema.String.annotate(saying("notText")).check(Schema.isPattern(/^[0-9a-f]{64}$/, saying("notSha256"))),
  facilities: Schema.Array(FacilityId)
    .annotate(saying("notList"))
    .check(check((ids: ReadonlyArray<FacilityId>) => ids.length > 0, "empty")),
  access: Access.annotate(saying("notOneOf", { allowed: "book, read, write, admin" })),
  rate: Schema.optionalKey(RateRule),
  /** Whether it may confirm sync; one key of an upstream token at most. */
  sync: Schema.optionalKey(Schema.Boolean.annotate(saying("notBoolean"))),
  /** `${NAME}`: the environment variable that holds the upstream token. */
  upstreamToken: Schema.String.annotate(saying("notText"))
})

const KeysFile = Schema.Struct({
  keys: Schema.optionalKey(Schema.Array(KeyRule).annotate(saying("notList"))),
  passthrough: Schema.optionalKey(Schema.Boolean.annotate(saying("notBoolean"))),
  /** With `passthrough`: the rate of each token. */
  rate: Schema.optionalKey(RateRule)
}).annotate(saying("notObject"))

/** A client key. */
export interface Key {
  readonly name: string
  readonly facilities: ReadonlySet<FacilityId>
  readonly access: Access
  readonly rate?: Rate
  readonly sync: boolean
  readonly upstreamToken: Redacted.Redacted
}

/** What a keys file says: keys by their digest, or that the caller's token is the upstream's. */
export type KeyTable =
  | { readonly _tag: "Keys"; readonly keys: ReadonlyMap<string, Key> }
  | { readonly _tag: "Passthrough"; readonly rate?: Rate }

// A member that nobody reads may be a misspelt one, such as `facility` for what a key may reach.
const unknownMembers = (value: unknown, known: object, at: string): ReadonlyArray<string> =>
  Predicate.isObject(value) && !Array.isArray(value)
    ? Object.keys(value)
        .filter((name) => !Object.hasOwn(known, name))
        .map((name) => `${at}${name}: is not known`)
    : []

const unknownOf = (json: unknown): ReadonlyArray<string> => {
  const keys: ReadonlyArray<unknown> = Predicate.hasProperty(json, "keys") && Array.isArray(json.keys) ? json.keys : []
  const rateOf = (value: unknown) => (Predicate.hasProperty(value, "rate") ? value.rate : undefined)
  return [
    ...unknownMembers(json, KeysFile.fields, ""),
    ...unknownMembers(rateOf(json), RateRule.fields, "rate."),
    ...keys.flatMap((key, index) => [
      ...unknownMembers(key, KeyRule.fields, `keys[${index}].`),
      ...unknownMembers(rateOf(key), RateRule.fields, `keys[${index}].rate.`)
    ])
  ]
}

const visible = /^[\x21-\x7e]+$/

const readToken = Effect.fnUntraced(function* (reference: string) {
  const name = /^\$\{([A-Za-z_][A-Za-z0-9_]*)\}$/.exec(reference)?.[1]
  // Whatever else stands there may be a token, so it is not shown.
  if (name === undefined)
    return { problem: `must name an environment variable as $\{NAME}; a token must not stand in the file` }
  const value = Option.getOrUndefined(yield* Effect.orDie(Config.option(Config.String(name))))
  if (value === undefined || value === "") return { problem: `the environment variable ${name} is not set` }
  if (!visible.test(value))
    return { problem: `the environment variable ${name} must hold visible ASCII characters only` }
  return { token: Redacted.make(value) }
})

const readKeys = Effect.fnUntraced(function* (rules: ReadonlyArray<typeof KeyRule.Type>) {
  const keys = new Map<string, Key>()
  const names = new Set<string>()
  const syncs = new Map<string, string>()
  const problems: Array<string> = []
  for (const [index, { facilities, sha256, upstreamToken, ...rule }] of rules.entries()) {
    const at = `keys[${index}]`
    const read = yield* readToken(upstreamToken)
    if (names.has(rule.name)) problems.push(`${at}.name: another key has this name`)
    names.add(rule.name)
    if (keys.has(sha256)) problems.push(`${at}.sha256: another key has this digest`)
    if (read.token === undefined) {
      problems.push(`${at}.upstreamToken: ${read.problem}`)
      continue
    }
    const upstream = digestOf(read.token)
    if (upstream === sha256) problems.push(`${at}.sha256: must not be the digest of its upstream token`)
    const other = rule.sync === true ? syncs.get(upstream) : undefined
    if (other !== undefined) {
      problems.push(`${at}.sync: ${other} confirms sync with the same upstream token already; one key of it may`)
    }
    if (rule.sync === true) syncs.set(upstream, other ?? at)
    keys.set(sha256, {
      ...rule,
      sync: rule.sync === true,
      facilities: new Set(facilities),
      upstreamToken: read.token
    })
  }
  return { keys, problems }
})

/**
 * Checks what `JSON.parse` gave of a keys file, and reads the upstream tokens from the environment.
 *
 * @param name - what to call the file.
 * @errors `SettingsError` with every problem, each with its place: unknown members, names or digests given twice, two keys
 * with `sync` on one upstream token, environment variables that are not set.
 */
export const decodeKeys = Effect.fnUntraced(function* (
  json: unknown,
  name: string
): Effect.fn.Return<KeyTable, SettingsError> {
  const wrong = (problems: ReadonlyArray<string>) =>
    new SettingsError({ problems: problems.map((problem) => `BOOKIO_GATEWAY_KEYS: ${name}: ${problem}`) })
  const unknown = unknownOf(json)
  const file = yield* Schema.decodeUnknownEffect(KeysFile, { errors: "all" })(json).pipe(
    Effect.mapError(({ issue }) =>
      wrong([...problemsOf(issue, "the file").map((text) => render(text, "en")), ...unknown])
    )
  )
  if (unknown.length > 0) return yield* wrong(unknown)
  if (file.passthrough === true) {
    if (file.keys !== undefined) return yield* wrong(["keys: must be left out beside passthrough"])
    return { _tag: "Passthrough", ...(file.rate === undefined ? {} : { rate: file.rate }) }
  }
  if (file.rate !== undefined) return yield* wrong(["rate: belongs to passthrough; keys have rates of their own"])
  if (file.keys === undefined) return yield* wrong(["must have keys, or passthrough: true"])
  const { keys, problems } = yield* readKeys(file.keys)
  if (problems.length > 0) return yield* wrong(problems)
  return { _tag: "Keys", keys }
})
