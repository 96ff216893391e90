/**
 * The OpenAPI document of a server, from the definition. Parameters are text to the schemas and are shown as what they
 * mean; unknown members are shown as allowed, for they are ignored (api.md, "Basics"); each operation says where its path
 * is known from, unless it is documented.
 */
import * as Context from "effect/Context"
import * as Equal from "effect/Equal"
import * as HttpApi from "effect/http-api/HttpApi"
import * as OpenApi from "effect/http-api/OpenApi"
import * as Predicate from "effect/Predicate"
import { meaningAnnotation } from "../scalar/Parameters.ts"
import { ServerApi } from "./BookioApi.ts"
import { inHeaderCase } from "./Endpoint.ts"
import { eventStream } from "./ExtensionGroup.ts"
import { Provenance } from "./Operation.ts"

type Json = { readonly [key: string]: unknown }

const isJson = (value: unknown): value is Json => Predicate.isObject(value) && !Array.isArray(value)

const pathNotes: { readonly [P in Provenance["Service"]]?: string } = {
  "sister API": "The path is not in the reference: it is taken from the sister API of the same company.",
  inferred: "The path is inferred: the reference does not tell it, and this is this project's reading.",
  extension: "An extension of this server: the published API does not have it."
}

const operationNotes = (): Json => {
  const notes: { [operationId: string]: string | undefined } = {}
  HttpApi.reflect(ServerApi, {
    onGroup: () => {},
    onEndpoint: ({ endpoint, group, mergedAnnotations }) => {
      notes[`${group.identifier}.${endpoint.identifier}`] = pathNotes[Context.getUnsafe(mergedAnnotations, Provenance)]
    }
  })
  return notes
}

const isNote = (schema: unknown) => isJson(schema) && Object.keys(schema).join() === "description"

// The description of a member beats that of its type, and stands where tools look for it instead of in an `allOf`.
const withNoteOutside = (schema: Json): Json => {
  if (!Array.isArray(schema.allOf)) return schema
  const { allOf, ...rest } = schema
  const others = allOf.filter((part) => !isNote(part))
  return Object.assign(rest, ...allOf.filter(isNote), others.length === 0 ? {} : { allOf: others })
}

// The same failure can come from an endpoint and from its middleware: then it is one of one.
const withoutRepeats = (schema: Json): Json => {
  if (!Array.isArray(schema.anyOf)) return schema
  const { anyOf, ...rest } = schema
  const [first, ...others] = anyOf
  return others.every((other) => Equal.equals(other, first)) ? { ...rest, ...first } : schema
}

const parameter = (node: Json, schema: Json): Json => {
  const { description, [meaningAnnotation]: meaning, ...rest } = schema
  const [only] = Array.isArray(rest.allOf) && Object.keys(rest).length === 1 ? rest.allOf : []
  return {
    ...node,
    ...(description === undefined ? {} : { description }),
    schema: isJson(meaning) ? meaning : isJson(only) ? only : rest
  }
}

// What OpenAPI 3.1 can say of a stream whose parts have a schema.
const events = {
  schema: {
    type: "string",
    description:
      "Server-Sent Events: `id` is the event's, `event` its kind, `data` an Event as JSON. Beside them there are `gap` (events before may have been dropped: only full listings tell what changed) and `position` (all up to its id is told)."
  }
}

const rewrite = (node: unknown, notes: Json): unknown => {
  if (Array.isArray(node)) return node.map((item) => rewrite(item, notes))
  if (!isJson(node)) return node
  if (eventStream in node) return { ...node, [eventStream]: events }
  const { additionalProperties, ...rest } = node
  const kept = additionalProperties === false ? rest : node
  const copy = withoutRepeats(
    withNoteOutside(Object.fromEntries(Object.entries(kept).map(([key, value]) => [key, rewrite(value, notes)])))
  )
  if ((copy.in === "query" || copy.in === "path") && isJson(copy.schema)) return parameter(copy, copy.schema)
  if (copy.in === "header" && isJson(copy.schema)) {
    return parameter({ ...copy, name: inHeaderCase(String(copy.name)) }, copy.schema)
  }
  const note = Predicate.isString(copy.operationId) ? notes[copy.operationId] : undefined
  return note === undefined ? copy : { ...copy, description: note }
}

/** The document that `/openapi.json` serves: OpenAPI 3.1 with all operations, their parameters, bodies and answers. */
export const openApiDocument = (): Json => {
  const document = OpenApi.fromApi(ServerApi, { includeAnnotationKey: (key) => key === meaningAnnotation })
  return rewrite(document, operationNotes()) as Json
}
