/**
 * Listings whose requests are so plain that their form needs no decoding: known parameters, each once, in digits or small
 * letters. Whatever is written otherwise is decoded, and refused where it is wrong, by the contract; so this may understand
 * too little, never too much.
 */
import { basePath, routes } from "@bookio-kit/core/api/BookioApi"
import type { FacilityId } from "@bookio-kit/core/scalar/Id"
import type { RelayOperation } from "./Relay.ts"

export interface PlainList {
  readonly operation: RelayOperation
  readonly facilityId: FacilityId | undefined
  /** Whether it asks for changes, which are never answered from the cache. */
  readonly isOfChanges: boolean
  /** The query, without `?`. */
  readonly query: string
  readonly hasLanguage: boolean
}

// Up to 15 digits are a whole number that JSON and JavaScript have exactly.
const id = /^[1-9]\d{0,14}$/
const whole = /^(?:0|[1-9]\d{0,8})$/
const upTo100 = /^(?:0|[1-9]\d?|100)$/
const instant = /^(?:0|[1-9]\d{0,12})$/
const truth = /^(?:true|false)$/
const language = /^(?:en|sk|cs|de|hu|pl)$/

const paging = { facilityId: id, offset: whole, limit: upTo100, lastSync: instant, lang: language }

const parameters: { readonly [O in RelayOperation]: ReadonlyMap<string, RegExp> } = {
  listReservations: new Map(Object.entries({ ...paging, onlyUnsynced: truth })),
  listBlockedTimes: new Map(Object.entries(paging))
}

const isRelayed = (operation: string): operation is RelayOperation => Object.hasOwn(parameters, operation)

const operations: ReadonlyMap<string, RelayOperation> = new Map(
  routes().flatMap(({ operation, path }) => (isRelayed(operation) ? [[`${basePath}${path}`, operation]] : []))
)

/** Reads the target of a GET; `undefined` where it is no plain listing. */
export const readPlainList = (target: string): PlainList | undefined => {
  const mark = target.indexOf("?")
  const operation = mark < 0 ? undefined : operations.get(target.slice(0, mark))
  if (operation === undefined) return undefined
  const query = target.slice(mark + 1)
  const known = parameters[operation]
  const names: Array<string> = []
  let facilityId: FacilityId | undefined
  for (const pair of query.split("&")) {
    const equals = pair.indexOf("=")
    const name = pair.slice(0, Math.max(0, equals))
    const value = pair.slice(equals + 1)
    if (known.get(name)?.test(value) !== true || names.includes(name)) return undefined
    names.push(name)
    if (name === "facilityId") facilityId = Number(value) as FacilityId
  }
  return {
    operation,
    facilityId,
    isOfChanges: names.includes("lastSync") || names.includes("onlyUnsynced"),
    query,
    hasLanguage: names.includes("lang")
  }
}
