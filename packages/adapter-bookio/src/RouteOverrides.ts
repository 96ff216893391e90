/**
 * Routes that differ from the reference's inferred ones (api.md, "Route overrides"): the JSON that `BOOKIO_ROUTES` names,
 * checked as a whole, and its application to a request. Reading the file is the app's part.
 */
import { routes } from "@bookio-kit/core/api/BookioApi"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import type * as HttpMethod from "effect/http/HttpMethod"
import * as Predicate from "effect/Predicate"
import * as Result from "effect/Result"

/** The route of an operation; `path` is relative to the base URL and has `{name}` for its parameters. */
export interface RouteOverride {
  readonly method: HttpMethod.HttpMethod
  readonly path: string
}

/** Overrides by the operation's name, such as `changeReservationStatus`; an operation that is not named keeps its route. */
export type RouteOverrides = { readonly [operation: string]: RouteOverride }

const defaults: ReadonlyMap<string, RouteOverride> = new Map(
  routes().map(({ method, operation, path }) => [
    operation,
    { method: method as HttpMethod.HttpMethod, path: path.replace(/:(\w+)/g, "{$1}") }
  ])
)

const methods = ["GET", "POST", "PUT", "PATCH", "DELETE"] as const

const isMethod = (value: unknown): value is (typeof methods)[number] => methods.some((method) => method === value)

// What the operations of the reference send in a body stays in one, or it would be lost.
const hasBody = (method: string) => method === "POST" || method === "PUT" || method === "PATCH"

const parametersOf = (path: string): ReadonlyArray<string> =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "").sort()

const pathProblem = (path: string, wanted: ReadonlyArray<string>): string | undefined => {
  if (!path.startsWith("/") || path.startsWith("//")) return "must begin with one / and hold no host"
  const literal = path.replace(/\{\w+\}/g, "0")
  if (!/^[\w\-.~!$&'()*+,;=:@%/]*$/.test(literal)) {
    return "may hold only what a URL's path can, without ? and #"
  }
  if (literal.split("/").some((segment) => /^(?:\.|%2e){1,2}$/i.test(segment)))
    return "must not hold . or .. as a segment"
  if (parametersOf(path).join() !== wanted.join()) {
    return wanted.length === 0
      ? "must have no parameters"
      : `must have exactly the parameters ${wanted.map((name) => `{${name}}`).join(", ")}`
  }
  return undefined
}

const problemsOf = (operation: string, given: unknown): ReadonlyArray<string> => {
  const route = defaults.get(operation)
  if (route === undefined)
    return [`${JSON.stringify(operation)} is no operation; they are ${[...defaults.keys()].join(", ")}`]
  if (!Predicate.isObject(given)) return [`${operation} must be an object with method and path`]
  const { method, path, ...others } = given as { readonly [name: string]: unknown }
  const problems = Object.keys(others).map((name) => `${operation} must have only method and path, not ${name}`)
  if (!isMethod(method)) problems.push(`${operation}.method must be one of ${methods.join(", ")}`)
  else if (hasBody(route.method) && !hasBody(method)) problems.push(`${operation}.method must be one that has a body`)
  const problem = Predicate.isString(path) ? pathProblem(path, parametersOf(route.path)) : "must be a text"
  if (problem !== undefined) problems.push(`${operation}.path ${problem}`)
  return problems
}

/** Checks what `JSON.parse` gave; a failure is every problem, one sentence each. */
export const parseRouteOverrides = (json: unknown): Result.Result<RouteOverrides, ReadonlyArray<string>> => {
  if (!Predicate.isObject(json) || Array.isArray(json)) return Result.fail(["must be an object of operations"])
  const problems = Object.entries(json).flatMap(([operation, given]) => problemsOf(operation, given))
  return problems.length === 0 ? Result.succeed(json as RouteOverrides) : Result.fail(problems)
}

/** The route of an operation, the reference's or the one in place of it; `undefined` for what is no operation of it. */
export const routeOf = (overrides: RouteOverrides, operation: string): RouteOverride | undefined =>
  Object.hasOwn(overrides, operation) ? overrides[operation] : defaults.get(operation)

/** A request of an operation, as the contract made it, with the overridden route in place of its own. */
export const reroute = (
  overrides: RouteOverrides,
  operation: string,
  request: HttpClientRequest.HttpClientRequest
): HttpClientRequest.HttpClientRequest => {
  const route = defaults.get(operation)
  const override = Object.hasOwn(overrides, operation) ? overrides[operation] : undefined
  if (route === undefined || override === undefined) return request
  const names = [...route.path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name ?? "")
  const values = new RegExp(`^${route.path.replace(/\{\w+\}/g, "([^/]+)")}$`).exec(request.url)?.slice(1) ?? []
  const path = override.path.replace(/\{(\w+)\}/g, (_, name: string) => values[names.indexOf(name)] ?? "")
  return request.pipe(HttpClientRequest.setMethod(override.method), HttpClientRequest.setUrl(path))
}
