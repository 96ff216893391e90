/**
 * Checks a value against a schema of an OpenAPI 3.1 document (JSON Schema 2020-12), for the keywords that the document
 * uses. A keyword it does not know is a problem too, so that nothing goes unchecked. `format` is a note, as the standard has it.
 */
export type Json = { readonly [key: string]: unknown }

const isObject = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value)

const typeOf = (value: unknown): string =>
  value === null ? "null" : Array.isArray(value) ? "array" : Number.isInteger(value) ? "integer" : typeof value

const notes = new Set(["description", "examples", "format", "title"])

/** What a JSON pointer such as `#/components/schemas/Failure` names. */
export const resolve = (document: Json, pointer: string): Json => {
  let found: unknown = document
  for (const part of pointer.split("/").slice(1)) {
    found = isObject(found) ? found[part.replaceAll("~1", "/").replaceAll("~0", "~")] : undefined
  }
  if (!isObject(found)) throw new Error(`the document has no ${pointer}`)
  return found
}

type Check = (rule: never, value: never, at: string, schema: Json) => ReadonlyArray<string>

const checks = (document: Json): { readonly [keyword: string]: Check } => {
  const go = (schema: Json, value: unknown, at: string) => problemsOf(document, schema, value, at)
  return {
    $ref: (pointer: string, value: unknown, at) => go(resolve(document, pointer), value, at),
    type: (type: string, value: unknown, at) =>
      typeOf(value) === type || (type === "number" && typeOf(value) === "integer")
        ? []
        : [`${at}: is ${typeOf(value)}, not ${type}`],
    enum: (allowed: ReadonlyArray<unknown>, value: unknown, at) =>
      allowed.includes(value) ? [] : [`${at}: is none of ${allowed.join()}`],
    anyOf: (schemas: ReadonlyArray<Json>, value: unknown, at) => {
      const found = schemas.map((schema) => go(schema, value, at))
      return found.some((problems) => problems.length === 0) ? [] : found.flat()
    },
    allOf: (schemas: ReadonlyArray<Json>, value: unknown, at) => schemas.flatMap((schema) => go(schema, value, at)),
    required: (names: ReadonlyArray<string>, value: unknown, at) =>
      isObject(value)
        ? names.filter((name) => !Object.hasOwn(value, name)).map((name) => `${at}.${name}: missing`)
        : [],
    properties: (properties: { readonly [name: string]: Json }, value: unknown, at) =>
      isObject(value)
        ? Object.entries(properties).flatMap(([name, schema]) =>
            Object.hasOwn(value, name) ? go(schema, value[name], `${at}.${name}`) : []
          )
        : [],
    items: (schema: Json, value: unknown, at) =>
      Array.isArray(value) ? value.flatMap((item, index) => go(schema, item, `${at}[${index}]`)) : [],
    minItems: (least: number, value: unknown, at) =>
      Array.isArray(value) && value.length < least ? [`${at}: fewer than ${least}`] : [],
    uniqueItems: (_: boolean, value: unknown, at) =>
      Array.isArray(value) && new Set(value).size < value.length ? [`${at}: repeats an item`] : [],
    minimum: (least: number, value: unknown, at) =>
      typeof value === "number" && value < least ? [`${at}: below ${least}`] : [],
    maximum: (most: number, value: unknown, at) =>
      typeof value === "number" && value > most ? [`${at}: above ${most}`] : [],
    minLength: (least: number, value: unknown, at) =>
      typeof value === "string" && value.length < least ? [`${at}: shorter than ${least}`] : [],
    maxLength: (most: number, value: unknown, at) =>
      typeof value === "string" && value.length > most ? [`${at}: longer than ${most}`] : [],
    pattern: (pattern: string, value: unknown, at) =>
      typeof value === "string" && !new RegExp(pattern, "u").test(value) ? [`${at}: does not match ${pattern}`] : []
  }
}

/** Everything in which a value departs from a schema; empty when it fits. */
export const problemsOf = (document: Json, schema: Json, value: unknown, at = "body"): ReadonlyArray<string> => {
  const known = checks(document)
  return Object.entries(schema).flatMap(([keyword, rule]) => {
    if (notes.has(keyword)) return []
    const check = known[keyword]
    return check === undefined
      ? [`${at}: unknown keyword ${keyword}`]
      : check(rule as never, value as never, at, schema)
  })
}

/** Members of objects that a schema does not name, anywhere within a value: what the document would keep silent about. */
export const undocumented = (document: Json, schema: Json, value: unknown, at = "body"): ReadonlyArray<string> => {
  if (typeof schema.$ref === "string") return undocumented(document, resolve(document, schema.$ref), value, at)
  const parts = [schema.anyOf, schema.allOf].find(Array.isArray) as ReadonlyArray<Json> | undefined
  if (parts !== undefined) {
    const found = parts.map((part) => undocumented(document, part, value, at))
    return found.find((names) => names.length === 0) ?? found[0] ?? []
  }
  if (Array.isArray(value)) {
    if (schema.items === undefined) return [`${at}: a list that is not in the document`]
    return value.flatMap((item, index) => undocumented(document, schema.items as Json, item, `${at}[${index}]`))
  }
  if (!isObject(value)) return []
  const properties = (schema.properties ?? {}) as { readonly [name: string]: Json }
  return Object.entries(value).flatMap(([name, member]) =>
    properties[name] === undefined
      ? [`${at}.${name}: not in the document`]
      : undocumented(document, properties[name], member, `${at}.${name}`)
  )
}
