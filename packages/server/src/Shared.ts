/**
 * Answers of what a backend gives out again as the same object: its JSON is made by the contract once, and kept for as long
 * as the object is. Of a page, each row is kept by itself, so that a new page of known rows is put together from their texts.
 * A backend that makes new objects each time is served as well, and loses little. It assumes that nobody changes the objects.
 */
import type { Caller } from "@bookio-kit/core/access/Caller"
import type { ApiError } from "@bookio-kit/core/api/Envelope"
import { type Page, Pagination } from "@bookio-kit/core/page/Page"
import * as Effect from "effect/Effect"
import * as HttpServerResponse from "effect/http/HttpServerResponse"
import * as Schema from "effect/Schema"
import { answerError } from "./Failures.ts"
import { checkAccess, type Request } from "./Operation.ts"
import { RequestInfo } from "./RequestInfo.ts"

const json = { contentType: "application/json" } as const

// Node sends a short text in one piece with the head, and a long one faster as bytes.
const longText = 4096

type Body = string | Uint8Array

// UTF-8 as text of one byte a character: such pieces are put together, and become bytes, by mere copying.
const toPiece = (text: string): string => Buffer.from(text).toString("latin1")
const fromPieces = (pieces: string): Body =>
  pieces.length < longText ? Buffer.from(pieces, "latin1").toString() : Buffer.from(pieces, "latin1")

const toResponse = (body: Body) =>
  typeof body === "string" ? HttpServerResponse.text(body, json) : HttpServerResponse.uint8Array(body, json)

/** Remembers the body that `make` gives for an object, in pieces. */
const perObject = <A extends object>(make: (value: A) => string): ((value: A) => Body) => {
  const bodies = new WeakMap<A, Body>()
  return (value) => {
    const known = bodies.get(value)
    if (known !== undefined) return known
    const body = fromPieces(make(value))
    bodies.set(value, body)
    return body
  }
}

const serveBodies =
  <A extends object>(bodyOf: (value: A) => Body) =>
  <E extends ApiError, R>(request: Request, run: Effect.Effect<A, E, R>) =>
    checkAccess(request).pipe(
      Effect.andThen(run),
      Effect.flatMap((value) =>
        Effect.map(RequestInfo, (info) => {
          info.isLasting = true
          return toResponse(bodyOf(value))
        })
      ),
      Effect.catch((error) => answerError(error))
    ) as Effect.Effect<HttpServerResponse.HttpServerResponse, never, R | Caller>

const envelope = (members: string) => `{"result":{"success":true,"data":{${members}}}}`

// What does not fit the contract is a defect, as everywhere.
const textBy = <A>(schema: Schema.Codec<A, unknown>) => {
  const encode = Schema.encodeUnknownSync(schema)
  return (value: A) => JSON.stringify(encode(value))
}

/** Serves a list as the member `name` of the data. */
export const makeServeList = <Row>(name: string, row: Schema.Codec<Row, unknown>) => {
  const textOf = textBy(Schema.Array(row))
  return serveBodies(perObject((rows: ReadonlyArray<Row>) => envelope(`"${name}":${toPiece(textOf(rows))}`)))
}

/** Serves a page, its rows as the member `name` of the data. */
export const makeServePage = <Row extends object>(name: string, row: Schema.Codec<Row, unknown>) => {
  const paginationOf = textBy(Pagination)
  const textOf = textBy(row)
  const texts = new WeakMap<Row, string>()
  const rowOf = (value: Row): string => {
    const known = texts.get(value)
    if (known !== undefined) return known
    const text = toPiece(textOf(value))
    texts.set(value, text)
    return text
  }
  return serveBodies(
    perObject(({ pagination, rows }: Page<Row>) =>
      envelope(`"pagination":${paginationOf(pagination)},"${name}":[${rows.map(rowOf).join(",")}]`)
    )
  )
}
