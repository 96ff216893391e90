/** The answers of WebDAV: a multistatus (RFC 4918, 13) with its responses, and the body of an error (16). */
import * as Effect from "effect/Effect"
import { dav } from "./Names.ts"
import { childOf, readXml, type XmlElement, type XmlProblem } from "./Xml.ts"

/** What a multistatus says about one resource. */
export interface DavResponse {
  readonly href: string
  /** Of the resource as a whole; 0 for one that cannot be read; absent where each property has its own. */
  readonly status?: number
  readonly propstats: ReadonlyArray<{ readonly status: number; readonly props: ReadonlyArray<XmlElement> }>
}

export interface Multistatus {
  readonly responses: ReadonlyArray<DavResponse>
  /** RFC 6578, 6.2. */
  readonly syncToken?: string
}

const statusOf = (element: XmlElement | undefined): number =>
  Number(/^\s*HTTP\/\d(?:\.\d)?\s+(\d{3})/.exec(element?.text ?? "")?.[1] ?? 0)

/** RFC 4918, 14.24: a status can be that of several hrefs. */
const toResponses = (element: XmlElement): ReadonlyArray<DavResponse> => {
  const status = childOf(element, dav("status"))
  const hrefs = element.children.filter(({ name }) => name === dav("href")).map(({ text }) => text.trim())
  const propstats = element.children
    .filter(({ name }) => name === dav("propstat"))
    .map((propstat) => ({
      status: statusOf(childOf(propstat, dav("status"))),
      props: childOf(propstat, dav("prop"))?.children ?? []
    }))
  return (hrefs.length === 0 ? [""] : hrefs).map((href) => ({
    href,
    ...(status === undefined ? {} : { status: statusOf(status) }),
    propstats
  }))
}

/** Reads a multistatus to its end. @errors `XmlProblem` */
export const readMultistatus = Effect.fnUntraced(function* (
  bytes: Uint8Array
): Effect.fn.Return<Multistatus, XmlProblem> {
  let syncToken: string | undefined
  const { items, root } = yield* readXml(bytes, (child) => {
    if (child.name === dav("response")) return toResponses(child)
    if (child.name === dav("sync-token")) syncToken = child.text.trim()
    return undefined
  })
  if (root !== dav("multistatus"))
    return yield* Effect.fail<XmlProblem>({ _tag: "XmlProblem", problem: "it is no multistatus" })
  return { responses: items.flat(), ...(syncToken === undefined || syncToken === "" ? {} : { syncToken }) }
})

/** A property that the resource has. */
export const propOf = (response: DavResponse | undefined, name: string): XmlElement | undefined => {
  for (const { props, status } of response?.propstats ?? []) {
    const found = status >= 200 && status < 300 ? props.find((prop) => prop.name === name) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

/** The text of a property; `undefined` where it is empty. */
export const textOf = (response: DavResponse | undefined, name: string): string | undefined =>
  propOf(response, name)?.text.trim() || undefined

/** The hrefs that a property holds. */
export const hrefsOf = (response: DavResponse | undefined, name: string): ReadonlyArray<string> =>
  (propOf(response, name)?.children ?? []).filter((child) => child.name === dav("href")).map(({ text }) => text.trim())

/** The preconditions that an error names, each with the href that it holds; none where the body is no such error. */
export const readPreconditions = (
  bytes: Uint8Array
): Effect.Effect<ReadonlyArray<{ readonly name: string; readonly href: string | undefined }>> =>
  readXml(bytes, (child) => ({ name: child.name, href: childOf(child, dav("href"))?.text.trim() })).pipe(
    Effect.map(({ items, root }) => (root === dav("error") ? items : [])),
    Effect.orElseSucceed(() => [])
  )
