/**
 * Rows of list pages, read and written at about the speed of JSON itself (performance.md, goal 5). Effect's own compiler of
 * schemas leaves members that may be null to its interpreter, so the whole row is compiled here, from its schema: the schema
 * stays what decides, and says what is wrong with a row that is refused. It assumes that rows are plain data, as JSON gives
 * them: no symbols as names, no accessors. Met here is Effect's registry of compiled schemas, which is not stable yet.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as SchemaAST from "effect/SchemaAST"
import * as SchemaParser from "effect/SchemaParser"
import * as SchemaCompiler from "effect/schema/SchemaCompiler"
import { predicateAnnotation } from "../scalar/Check.ts"
import { nullIsAbsent } from "../scalar/Tolerant.ts"

/**
 * The same schema, decoded and encoded by compiled code where all its members are scalars. A row that has the members of
 * the schema in their order, and no others, is given back as the same object; any other is copied.
 *
 * Where code cannot be made from text, as under a strict content security policy, it is interpreted as before. So it is
 * after another `annotate` or `check`: make that the last call.
 */
export const row = <S extends Schema.Top>(schema: S): S => {
  install(schema.ast)
  install(SchemaAST.flip(schema.ast))
  return schema
}

const install = (ast: SchemaAST.AST): void => {
  // A copy, which has no compiled form, so that it tells all that is wrong with a row that this one refuses.
  const detailed = SchemaParser.decodeUnknownEffect(Schema.make<Schema.Codec<unknown>>(ast).annotate({}))
  SchemaCompiler.set(ast, {
    get decode() {
      return compile(ast)
    },
    decodeEffect: (input, options) =>
      input === SchemaCompiler.missing ? Effect.succeed(input) : detailed(input, options)
  })
}

/** A member as it is read: `type` has no transformation, and null means absent where `nullable`. */
interface Member {
  readonly name: string
  readonly type: SchemaAST.AST
  readonly isOptional: boolean
  readonly nullable: boolean
}

const isPlain = (ast: SchemaAST.AST): boolean =>
  ast.encoding === undefined && (!SchemaAST.isUnion(ast) || ast.types.every(isPlain))

const memberOf = ({ name, type }: SchemaAST.PropertySignature): Member | undefined => {
  const isOptional = type.context?.isOptional === true
  if (typeof name !== "string" || name === "__proto__") return undefined
  if (type.encoding === undefined) return isPlain(type) ? { name, type, isOptional, nullable: false } : undefined
  const [link, ...others] = type.encoding
  const { to, transformation } = link
  const isOneStep = others.length === 0 && isPlain(to) && (!SchemaAST.isUnion(type) || type.types.every(isPlain))
  if (!isOneStep || transformation._tag !== "Transformation") return undefined
  if (transformation.decode === nullIsAbsent) return { name, type, isOptional, nullable: true }
  if (transformation.encode === nullIsAbsent) return { name, type: to, isOptional, nullable: false }
  return undefined
}

/** Code that refers to values which text cannot hold. */
interface Bound {
  readonly values: Array<unknown>
  readonly bind: (value: unknown) => string
}

const makeBound = (): Bound => {
  const values: Array<unknown> = []
  return { values, bind: (value) => `c${values.push(value) - 1}` }
}

const typeNames: { readonly [tag: string]: string } = { String: "string", Number: "number", Boolean: "boolean" }

const Range = Schema.Struct({ minimum: Schema.Finite, maximum: Schema.Finite })

// With a third member an end is exclusive.
const isRange = (payload: unknown): payload is typeof Range.Type =>
  Schema.is(Range)(payload) && Object.keys(payload).length === 2

const checkTest = (check: SchemaAST.Check<unknown>, ast: SchemaAST.AST, bound: Bound): string => {
  if (check._tag === "FilterGroup") return check.checks.map((inner) => checkTest(inner, ast, bound)).join("&&")
  // Effect's own checks of numbers, by the names that it gives them; written out they cost next to nothing.
  const { id, payload } = check.annotations?.representation ?? {}
  if (id === "effect/schema/isFinite") return "v-v===0"
  if (id === "effect/schema/isInt") return "Number.isSafeInteger(v)"
  if (id === "effect/schema/isBetween" && isRange(payload)) return `v>=${payload.minimum}&&v<=${payload.maximum}`
  const predicate = check.annotations?.[predicateAnnotation]
  return typeof predicate === "function"
    ? `${bound.bind(predicate)}(v)`
    : `${bound.bind(check)}.run(v,${bound.bind(ast)},o)===undefined`
}

// The condition that `v` is of a type, or nothing where that is no scalar.
const testOf = (ast: SchemaAST.AST, bound: Bound): string | undefined => {
  const checks = (ast.checks ?? []).map((check) => checkTest(check, ast, bound))
  const typeName = typeNames[ast._tag]
  if (typeName !== undefined) return [`typeof v==="${typeName}"`, ...checks].join("&&")
  if (!SchemaAST.isUnion(ast) || checks.length > 0) return undefined
  const literals = ast.types.flatMap((type) => (SchemaAST.isLiteral(type) && !type.checks ? [type.literal] : []))
  return literals.length === ast.types.length
    ? `(${literals.map((literal) => `v===${typeof literal === "string" ? JSON.stringify(literal) : bound.bind(literal)}`).join("||")})`
    : undefined
}

const source = (members: ReadonlyArray<Member>, bound: Bound): string | undefined => {
  const reads: Array<string> = []
  const copies: Array<string> = []
  for (const [index, { isOptional, name, nullable, type }] of members.entries()) {
    const key = JSON.stringify(name)
    const test = testOf(type, bound)
    if (test === undefined) return undefined
    const fit = `if(!(${test}))return I`
    const present = nullable ? `if(v===null){hasNull=true;v=undefined}else ${fit}` : fit
    const absent = isOptional ? `if(v===undefined){if(${key} in i)return I}else{${present}}` : fit
    reads.push(`v=i[${key}];${absent};const m${index}=v`)
    copies.push(isOptional ? `if(m${index}!==undefined)out[${key}]=m${index}` : `out[${key}]=m${index}`)
  }
  const count = members.length
  // Names in the schema's order, some left out: such a row is what its copy would be.
  return `return function(i,o){
    if(typeof i!=="object"||i===null||Array.isArray(i)||o.onExcessProperty!==undefined||o.disableChecks)return I
    let v,hasNull=false
    ${reads.join("\n")}
    copy:{
      if(hasNull||Object.getPrototypeOf(i)!==Object.prototype)break copy
      let at=0
      for(const key in i){while(N[at]!==key)if(++at>=${count})break copy;at++}
      return i
    }
    const out={}
    ${copies.join("\n")}
    return out
  }`
}

const compile = (ast: SchemaAST.AST): SchemaCompiler.Decode | undefined => {
  if (!SchemaAST.isObjects(ast) || ast.encoding || ast.checks || ast.encodingChecks || ast.indexSignatures.length > 0) {
    return undefined
  }
  const members = ast.propertySignatures.flatMap((signature) => memberOf(signature) ?? [])
  const bound = makeBound()
  const text = members.length === ast.propertySignatures.length ? source(members, bound) : undefined
  if (text === undefined) return undefined
  const parameters = ["I", "N", ...bound.values.map((_, index) => `c${index}`)]
  try {
    const make = new Function(...parameters, `"use strict";${text}`)
    return make(
      SchemaCompiler.invalid,
      members.map(({ name }) => name),
      ...bound.values
    ) as SchemaCompiler.Decode
  } catch {
    return undefined
  }
}
