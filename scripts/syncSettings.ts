/** The settings file of the sync worker as JSON Schema, for editors, and as a table, for the settings page. */
import * as Schema from "effect/Schema"
import { Config } from "../apps/sync-worker/src/Config.ts"

type Node = { readonly [keyword: string]: unknown }

const isNode = (value: unknown): value is Node => typeof value === "object" && value !== null && !Array.isArray(value)

const document = Schema.toJsonSchemaDocument(Config, { onExcessProperty: "error" })
const root = document.definitions.SyncConfig as Node

const withoutExamples = (key: string, value: unknown): unknown =>
  key === "examples" || (key === "format" && value === "int64") ? undefined : value

/** The JSON Schema, draft 2020-12. */
export const syncSchema = (): string =>
  `${JSON.stringify({ $schema: "https://json-schema.org/draft/2020-12/schema", ...root }, withoutExamples, 2)}\n`

interface Row {
  readonly path: string
  readonly node: Node
  readonly isRequired: boolean
}

const rowsOf = (node: Node, prefix: string): ReadonlyArray<Row> => {
  const required = Array.isArray(node.required) ? node.required : []
  return Object.entries(isNode(node.properties) ? node.properties : {}).flatMap(([name, member]) => {
    if (!isNode(member) || name === "$schema") return []
    const items = isNode(member.items) ? member.items : undefined
    const path = `${prefix}${name}${items === undefined ? "" : "[]"}`
    return [
      { path, node: member, isRequired: required.includes(name) },
      ...rowsOf(member, `${path}.`),
      ...(items === undefined ? [] : rowsOf(items, `${path}.`))
    ]
  })
}

const typeOf = ({ enum: values, items, maximum, minimum, type }: Node): string => {
  if (Array.isArray(values)) return values.map((value) => `\`${value}\``).join(", ")
  if (type === "array" && isNode(items)) return items.type === "object" ? "list" : `list of ${typeOf(items)}`
  if (type !== "integer") return type === "string" ? "text" : type === "boolean" ? "`true`, `false`" : "member"
  const isId = maximum === Number.MAX_SAFE_INTEGER
  return isId ? "id" : `${Number(minimum).toLocaleString("en")} to ${Number(maximum).toLocaleString("en")}`
}

/** The table as Markdown; `[]` stands for each member of a list. */
export const syncTable = (): string =>
  [
    "| setting | value | default | meaning |",
    "| --- | --- | --- | --- |",
    ...rowsOf(root, "").map(({ isRequired, node, path }) => {
      const fallback = isRequired ? "required" : node.default === undefined ? "none" : `\`${node.default}\``
      return `| \`${path}\` | ${typeOf(node)} | ${fallback} | ${node.description ?? ""} |`
    })
  ].join("\n")
