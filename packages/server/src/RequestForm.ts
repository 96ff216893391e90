/**
 * The form of a request (api.md, "Order of checks"): what `HttpApi` refuses to decode is decoded once more for all its
 * problems, and answered in the envelope. Only a refused request pays for that.
 */

import { inHeaderCase } from "@bookio-kit/core/api/Endpoint"
import { RequestForm } from "@bookio-kit/core/api/RequestForm"
import { ValidationError } from "@bookio-kit/core/error/Refusal"
import { problemsOf } from "@bookio-kit/core/text/Problems"
import { about, type Text } from "@bookio-kit/core/text/Text"
import * as Effect from "effect/Effect"
import type * as Headers from "effect/http/Headers"
import * as HttpIncomingMessage from "effect/http/HttpIncomingMessage"
import * as HttpRouter from "effect/http/HttpRouter"
import * as HttpServerRequest from "effect/http/HttpServerRequest"
import type * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import { HttpApiSchemaError } from "effect/http-api/HttpApiError"
import * as Layer from "effect/Layer"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { answerError } from "./Failures.ts"

/** The most bytes of a body. */
export const maxBodyBytes = 64 * 1024

const allErrors = { errors: "all" } as const
const isJson = /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?;?\s*$/i
const utf8 = new TextDecoder("utf-8", { fatal: true })

type Body = { readonly json: unknown } | { readonly problem: Text }

const tooLarge = { problem: about("body", "bodyTooLarge", { max: maxBodyBytes }) }

/** Reads the body within its limit. The request keeps what was read, so that `HttpApi` reads it again for nothing. */
const readBody = Effect.fnUntraced(function* (request: HttpServerRequest.HttpServerRequest): Effect.fn.Return<Body> {
  const { "content-length": length, "content-type": type } = request.headers
  if (type !== undefined && !isJson.test(type)) return { problem: about("body", "contentType") }
  if (length !== undefined && Number(length) > maxBodyBytes) return tooLarge
  const bytes = yield* request.arrayBuffer.pipe(
    Effect.provideService(HttpIncomingMessage.MaxBodySize, BigInt(maxBodyBytes)),
    Effect.result
  )
  if (Result.isFailure(bytes)) return tooLarge
  try {
    return { json: JSON.parse(utf8.decode(bytes.success)) }
  } catch {
    return { problem: about("body", "notJson") }
  }
})

const decodeProblems = (schema: Schema.Top | undefined, input: unknown, rootField: string): ReadonlyArray<Text> => {
  if (schema === undefined) return []
  const decoded = Schema.decodeUnknownResult(schema as Schema.Codec<unknown, unknown>, allErrors)(input)
  return Result.isFailure(decoded) ? problemsOf(decoded.failure.issue, rootField) : []
}

const queryProblems = (endpoint: HttpApiEndpoint.Top, query: HttpServerRequest.ParsedSearchParams["Service"]) => {
  const repeated = Object.keys(query).filter((name) => Array.isArray(query[name]))
  const problems = decodeProblems(endpoint.query, query, "query")
  return problems.map((problem) =>
    problem.field !== undefined && repeated.includes(problem.field)
      ? about(problem.field, "repeatedParameter")
      : problem
  )
}

// Headers reach us in lower case; a problem names them as they are written.
const headerProblems = (endpoint: HttpApiEndpoint.Top, headers: Headers.Headers): ReadonlyArray<Text> =>
  decodeProblems(endpoint.headers, headers, "headers").map(({ field = "headers", key, params }) =>
    about(inHeaderCase(field), key, params)
  )

const payloadProblems = (endpoint: HttpApiEndpoint.Top, body: Body | undefined): ReadonlyArray<Text> => {
  if (body === undefined) return []
  if ("problem" in body) return [body.problem]
  const [content] = endpoint.payload.values()
  return decodeProblems(content?.schemas[0], body.json, "body")
}

/** Every problem of the request: path, query, headers, body. */
const formProblems = Effect.fnUntraced(function* (endpoint: HttpApiEndpoint.Top, body: Body | undefined) {
  const { headers } = yield* HttpServerRequest.HttpServerRequest
  const params = yield* HttpRouter.params
  const query = yield* HttpServerRequest.ParsedSearchParams
  return [
    ...decodeProblems(endpoint.params, params, "path"),
    ...queryProblems(endpoint, query),
    ...headerProblems(endpoint, headers),
    ...payloadProblems(endpoint, body)
  ]
})

export const layer = Layer.succeed(RequestForm)(
  RequestForm.of((httpEffect, { endpoint }) => {
    const refuse = (body: Body | undefined) =>
      Effect.flatMap(formProblems(endpoint, body), ([first, ...others]) =>
        first === undefined
          ? Effect.die(new Error("a request was refused for its form, and nothing is wrong with it"))
          : answerError(new ValidationError({ problems: [first, ...others] }))
      )
    const checked = (body: Body | undefined) =>
      Effect.catch(httpEffect, (error: unknown) => {
        if (!HttpApiSchemaError.is(error)) return Effect.die(error)
        // What we ourselves would answer does not fit the contract: a defect, not the caller's fault.
        return error.kind === "Body" || error.kind === "ResponseHeaders" ? Effect.die(error) : refuse(body)
      })
    if (endpoint.payload.size === 0) return checked(undefined)
    return Effect.flatMap(HttpServerRequest.HttpServerRequest, (request) =>
      Effect.flatMap(readBody(request), (body) => ("problem" in body ? refuse(body) : checked(body)))
    )
  })
)
