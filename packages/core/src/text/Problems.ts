/**
 * Reads the texts off a schema issue: one for each thing that is wrong, with its field, in the order of the schema. A
 * failed check or type says what `scalar/Check.ts` tied to it; values that were sent are never repeated.
 */
import * as Predicate from "effect/Predicate"
import * as SchemaAST from "effect/SchemaAST"
import type * as SchemaIssue from "effect/SchemaIssue"
import { problemAnnotation } from "../scalar/Check.ts"
import { about, say, type Text } from "./Text.ts"

type Path = ReadonlyArray<PropertyKey>

/** A path as JSON writers name it: `services[0].name`. */
export const fieldOf = (path: Path): string =>
  path.reduce<string>(
    (field, key) =>
      Predicate.isNumber(key) ? `${field}[${key}]` : field === "" ? String(key) : `${field}.${String(key)}`,
    ""
  )

const tied = (annotations: { readonly [key: string]: unknown } | undefined): Text | undefined => {
  const text = annotations?.[problemAnnotation]
  return Predicate.hasProperty(text, "key") ? (text as Text) : undefined
}

// A check made on a schema puts later annotations on the check, so both places are looked at.
const tiedToSchema = (ast: SchemaAST.AST): Text | undefined =>
  tied(ast.annotations) ?? ast.checks?.map((check) => tied(check.annotations)).find(Predicate.isNotUndefined)

const typeTexts: { readonly [tag: string]: Text["key"] } = {
  String: "notText",
  Number: "notNumber",
  Boolean: "notBoolean",
  Arrays: "notList",
  Objects: "notObject"
}

// What a schema wants: of a value that may be null, what it is otherwise.
const wanted = (ast: SchemaAST.AST): Text => {
  const [only, ...others] = SchemaAST.isUnion(ast) ? ast.types.filter((type) => !SchemaAST.isNull(type)) : []
  return (
    tiedToSchema(ast) ??
    (only !== undefined && others.length === 0 ? wanted(SchemaAST.toEncoded(only)) : undefined) ?? {
      key: typeTexts[ast._tag] ?? "invalid"
    }
  )
}

const leaf = (text: Text, path: Path, rootField: string): Text => {
  const field = path.length === 0 ? rootField : fieldOf(path)
  return field === "" ? say(text.key, text.params) : about(field, text.key, text.params)
}

/**
 * All problems of an issue.
 *
 * @param rootField - what to call the whole value, for a problem that is not about one of its members.
 */
export const problemsOf = (issue: SchemaIssue.Issue, rootField = ""): ReadonlyArray<Text> => {
  const walk = (issue: SchemaIssue.Issue, path: Path, outer: Text | undefined): ReadonlyArray<Text> => {
    switch (issue._tag) {
      case "Pointer":
        return walk(issue.issue, [...path, ...issue.path], undefined)
      case "Filter":
        return walk(issue.issue, path, tied(issue.filter.annotations) ?? outer)
      case "Encoding":
        return walk(issue.issue, path, outer ?? tiedToSchema(issue.ast))
      case "Composite":
        return issue.issues.flatMap((inner) => walk(inner, path, outer))
      case "AnyOf": {
        const [only, ...others] = issue.issues
        return only !== undefined && others.length === 0 && tiedToSchema(issue.ast) === undefined
          ? walk(only, path, undefined)
          : [leaf(outer ?? wanted(issue.ast), path, rootField)]
      }
      case "OneOf":
      case "InvalidType":
        return [leaf(outer ?? wanted(issue.ast), path, rootField)]
      case "UnexpectedKey":
        return [leaf({ key: "unknown" }, path, rootField)]
      case "MissingKey":
        return [leaf({ key: "required" }, path, rootField)]
      case "InvalidValue":
        return [leaf(tied(issue.annotations) ?? outer ?? { key: "invalid" }, path, rootField)]
      case "Forbidden":
        return [leaf({ key: "invalid" }, path, rootField)]
    }
  }
  // A value can fail two checks that say the same, such as "whole" and "from 1 to 7".
  const problems = new Map<string, Text>()
  for (const text of walk(issue, [], undefined)) problems.set(`${text.field} ${text.key}`, text)
  return [...problems.values()]
}
