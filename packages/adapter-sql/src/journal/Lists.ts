/** Lists of values in statements: cut to a size that every database takes, and of few lengths, so that texts are reused. */
import * as Arr from "effect/Array"

/** The most values in one statement. */
const mostValues = 256

/** Cuts a list for `IN`. The last value fills a piece up to a power of two, which changes nothing of what it means. */
export const pieces = <A>(values: ReadonlyArray<A>): ReadonlyArray<ReadonlyArray<A>> =>
  Arr.chunksOf(values, mostValues).map((piece) => {
    const size = 2 ** Math.ceil(Math.log2(piece.length))
    return [...piece, ...Array<A>(size - piece.length).fill(piece[piece.length - 1] as A)]
  })

/** Cuts rows for one INSERT each: by 16, and what is left one by one. */
export const batches = <A>(rows: ReadonlyArray<A>): ReadonlyArray<Arr.NonEmptyReadonlyArray<A>> =>
  Arr.chunksOf(rows, 16).flatMap((batch) => (batch.length === 16 ? [batch] : batch.map(Arr.of)))
