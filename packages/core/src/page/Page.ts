/** One page of a listing, as the reference pages: by offset and limit, with the total of the whole listing. */
import * as Schema from "effect/Schema"

/** Which page this is, and how many rows the whole listing has. */
export const Pagination = Schema.Struct({
  total: Schema.Finite.annotate({ examples: [1234] }),
  offset: Schema.Finite,
  limit: Schema.Finite
}).annotate({ identifier: "Pagination" })
export type Pagination = typeof Pagination.Type

/** The rows from `offset`, at most `limit` of them. */
export interface Page<A> {
  readonly pagination: Pagination
  readonly rows: ReadonlyArray<A>
  /**
   * The backend's clock when the page was made, Unix time in milliseconds (sync.md, "Cursor"); absent where it is not told,
   * as by a backend in this process.
   */
  readonly asOfMs?: number
}
