/** Requests to a gateway, and what of their answers is compared. */
import { Effect } from "effect"
import { tokenOf } from "./Support.ts"

export const api = "/public/api/v1"

export interface Got {
  readonly status: number
  readonly headers: { readonly [name: string]: string }
  readonly body: string
}

/** Sends with the key of a name. */
export const get = (url: string, path: string, name: string, headers: { readonly [name: string]: string } = {}) =>
  Effect.promise(async (): Promise<Got> => {
    const response = await fetch(`${url}${path}`, {
      headers: { authorization: `Bearer ${tokenOf(name)}`, ...headers }
    })
    return { status: response.status, headers: Object.fromEntries(response.headers), body: await response.text() }
  })

/** An answer without what differs between any two. */
export const told = ({ body, headers, status }: Got) => {
  const { age: _age, date: _date, "x-cache": _cache, "x-request-id": _id, "ratelimit-reset": _reset, ...rest } = headers
  return { status, headers: rest, body: body.replace(/"requestId":"[^"]*"/g, "") }
}
