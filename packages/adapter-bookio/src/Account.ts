/**
 * The operations of the contract, derived once for all accounts of a process: what is compiled of their schemas is a quarter
 * of a megabyte, and a worker has an account for each of a thousand facilities. Such operations hold no account. Each call
 * brings the one that sends it as a service, so a call without one does not type-check, and none is left behind by another.
 */
import { Authorization } from "@bookio-kit/core/api/Authorization"
import { BookioApi } from "@bookio-kit/core/api/BookioApi"
import { ExtensionGroup } from "@bookio-kit/core/api/ExtensionGroup"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import type { HttpClientError } from "effect/http/HttpClientError"
import type { HttpClientRequest } from "effect/http/HttpClientRequest"
import type { HttpClientResponse } from "effect/http/HttpClientResponse"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiClient from "effect/http-api/HttpApiClient"
import * as HttpApiMiddleware from "effect/http-api/HttpApiMiddleware"

/** The extension, relative to its own base. */
export class ExtensionApi extends HttpApi.make("ExtensionApi").add(ExtensionGroup) {}

/** Whose request it is: sends one, as the contract made it, to the account's server with the account's token. */
export class Account extends Context.Service<
  Account,
  {
    readonly send: (
      api: "reference" | "extension",
      operation: string,
      request: HttpClientRequest
    ) => Effect.Effect<HttpClientResponse, HttpClientError>
  }
>()("@bookio-kit/adapter-bookio/Account") {}

/** The operations of the reference; each needs the account that sends it. */
export type ReferenceOperations = HttpApiClient.ForApi<typeof BookioApi, never, Account>

/** Those of the extension. */
export type ExtensionOperations = HttpApiClient.ForApi<typeof ExtensionApi, never, Account>

// The contract's Bearer middleware is the only place where an operation's name and its request are at hand together.
const Operation = Context.Reference<string>("@bookio-kit/adapter-bookio/Account/Operation", { defaultValue: () => "" })

const middleware = HttpApiMiddleware.layerClient(Authorization, ({ endpoint, next, request }) =>
  Effect.provideService(next(request), Operation, endpoint.identifier)
)

const sender = (api: "reference" | "extension"): HttpClient.HttpClient.With<HttpClientError, Account> =>
  HttpClient.makeWith(
    (asked: Effect.Effect<HttpClientRequest>) =>
      Effect.gen(function* () {
        const { send } = yield* Account
        return yield* send(api, yield* Operation, yield* asked)
      }),
    Effect.succeed
  )

// Run by itself, for what is derived keeps the context that it is derived in, and that must be nobody's.
const derive = <A>(derived: Effect.Effect<A, never, HttpApiMiddleware.ForClient<Authorization>>): (() => A) => {
  let made: { readonly operations: A } | undefined
  return () => {
    made ??= { operations: Effect.runSync(Effect.provide(derived, middleware)) }
    return made.operations
  }
}

/** The operations of the reference, derived when they are first asked for. */
export const reference: () => ReferenceOperations = derive(
  HttpApiClient.makeWith(BookioApi, { httpClient: sender("reference") })
)

/** Those of the extension, likewise. */
export const extension: () => ExtensionOperations = derive(
  HttpApiClient.makeWith(ExtensionApi, { httpClient: sender("extension") })
)
