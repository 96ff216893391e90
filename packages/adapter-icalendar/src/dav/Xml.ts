/**
 * XML as WebDAV has it: small trees with resolved names, one child of the root at a time. Documents with a DTD are refused,
 * so that no entity is ever declared; the decoder reads nothing external and is bounded in depth and token size.
 */
import * as Effect from "effect/Effect"
import * as Xml from "effect/encoding/Xml"
import * as Stream from "effect/Stream"

/** An element; `name` is `{namespace}local`. */
export interface XmlElement {
  readonly name: string
  /** The text directly inside it, without that of its children. */
  readonly text: string
  /** By their names as written. */
  readonly attributes: Readonly<Record<string, string>>
  readonly children: ReadonlyArray<XmlElement>
}

/** What is wrong with a document, without anything of its texts. */
export interface XmlProblem {
  readonly _tag: "XmlProblem"
  readonly problem: string
}

const wrong = (problem: string): XmlProblem => ({ _tag: "XmlProblem", problem })

/** The prefixes that an element declares, and those around it. They are linked and not copied: there may be many. */
interface Names {
  readonly own: ReadonlyMap<string, string>
  readonly around: Names | undefined
}

interface Open {
  readonly name: string
  readonly names: Names
  readonly attributes: Readonly<Record<string, string>>
  readonly children: Array<XmlElement>
  text: string
}

const xmlNamespace = "http://www.w3.org/XML/1998/namespace"
const noNames: Names = { own: new Map([["xml", xmlNamespace]]), around: undefined }

// A listing of 100,000 items has fewer; an answer full of empty elements would take a gigabyte.
const maxElements = 1_500_000

const declared = (around: Names, attributes: Readonly<Record<string, string>>): Names => {
  const own = Object.entries(attributes).filter(([name]) => name === "xmlns" || name.startsWith("xmlns:"))
  return own.length === 0
    ? around
    : { own: new Map(own.map(([name, namespace]) => [name.slice("xmlns:".length), namespace])), around }
}

const namespaceOf = (prefix: string, names: Names): string | undefined => {
  for (let at: Names | undefined = names; at !== undefined; at = at.around) {
    const namespace = at.own.get(prefix)
    if (namespace !== undefined) return namespace
  }
  return undefined
}

const resolved = (name: string, names: Names): string | undefined => {
  const colon = name.indexOf(":")
  const namespace = namespaceOf(colon < 0 ? "" : name.slice(0, colon), names)
  if (namespace === undefined) return colon < 0 ? `{}${name}` : undefined
  return `{${namespace}}${name.slice(colon + 1)}`
}

/**
 * Reads a document: the name of its root, and what `each` makes of each child of the root, leaving out `undefined`.
 *
 * @errors `XmlProblem` for what is not well-formed UTF-8 XML to its end, has a DTD, or is nested deeper than 64.
 */
export const readXml = Effect.fnUntraced(function* <A>(
  bytes: Uint8Array,
  each: (child: XmlElement) => A | undefined
): Effect.fn.Return<{ readonly root: string; readonly items: ReadonlyArray<A> }, XmlProblem> {
  const open: Array<Open> = []
  const items: Array<A> = []
  let root: string | undefined
  let count = 0
  const take = (event: Xml.Event): XmlProblem | undefined => {
    switch (event._tag) {
      case "Doctype":
        return wrong("it has a DTD, which is refused")
      case "StartElement": {
        if (++count > maxElements) return wrong(`it has more than ${maxElements} elements`)
        const names = declared(open.at(-1)?.names ?? noNames, event.attributes)
        const name = resolved(event.name, names)
        if (name === undefined) return wrong("it uses a namespace prefix that is not declared")
        root ??= name
        open.push({ name, names, attributes: event.attributes, children: [], text: "" })
        return undefined
      }
      case "EndElement": {
        const { attributes, children, name, text } = open.pop() as Open
        const element: XmlElement = { name, text, attributes, children }
        if (open.length > 1) open.at(-1)?.children.push(element)
        else if (open.length === 1) {
          const item = each(element)
          if (item !== undefined) items.push(item)
        }
        return undefined
      }
      case "Text": {
        const inside = open.at(-1)
        if (inside !== undefined) inside.text += event.text
        return undefined
      }
      default:
        return undefined
    }
  }
  yield* Stream.make(bytes.subarray(blanksOf(bytes))).pipe(
    Stream.pipeThroughChannel(Xml.decode({ maxDepth: 64, maxTokenSize: 32 * 1024 * 1024 })),
    Stream.mapError(({ column, kind, line }) => wrong(`it is not XML (${kind} at ${line}:${column})`)),
    Stream.runForEach((event) => {
      const problem = take(event)
      return problem === undefined ? Effect.void : Effect.fail(problem)
    })
  )
  return root === undefined ? yield* Effect.fail(wrong("it is empty")) : { root, items }
})

/** Blanks that a plug-in of a server wrote before the document itself; XML allows none before its declaration. */
const blanksOf = (bytes: Uint8Array): number => {
  const first = bytes.findIndex((byte) => byte !== 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d)
  return first < 0 ? bytes.length : first
}

/** The first child of a name. */
export const childOf = (element: XmlElement | undefined, name: string): XmlElement | undefined =>
  element?.children.find((child) => child.name === name)

/** Text for the inside of an element. */
export const escapeXml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;")
