/**
 * The OpenAPI document of a server, from the definition. Numbers and booleans of path and query are text to the schemas
 * and are shown as what they mean; unknown members are shown as allowed, for they are ignored (api.md, "Basics").
 */
import * as OpenApi from "effect/http-api/OpenApi"
import * as Predicate from "effect/Predicate"
import { ServerApi } from "./BookioApi.ts"

type Json = { readonly [key: string]: unknown }

const isJson = (value: unknown): value is Json => Predicate.isObject(value) && !Array.isArray(value)

const meant = (schema: Json): Json => {
  if (schema.format === "int64" && schema.type === "string") return { ...schema, type: "integer" }
  if (Array.isArray(schema.enum) && schema.enum.join() === "true,false") return { type: "boolean" }
  return schema
}

const rewrite = (node: unknown): unknown => {
  if (Array.isArray(node)) return node.map(rewrite)
  if (!isJson(node)) return node
  const { additionalProperties, ...rest } = node
  const kept = additionalProperties === false ? rest : node
  const copy = Object.fromEntries(Object.entries(kept).map(([key, value]) => [key, rewrite(value)]))
  return (copy.in === "query" || copy.in === "path") && isJson(copy.schema)
    ? { ...copy, schema: meant(copy.schema) }
    : copy
}

/** The document that `/openapi.json` serves: OpenAPI 3.1 with all operations, their parameters, bodies and answers. */
export const openApiDocument = (): Json => rewrite(OpenApi.fromApi(ServerApi)) as Json
