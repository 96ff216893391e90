/** Lists of values in statements: cut to a size that every database takes, and of few lengths, so that texts are reused. */
import * as Arr from "effect/Array"
import * as Effect from "effect/Effect"
import { prepared, type Value } from "../database/Prepared.ts"

/** The most values in one statement. */
const mostValues = 256

/** Cuts a list for `IN`. The last value fills a piece up to a power of two, which changes nothing of what it means. */
export const pieces = <A>(values: ReadonlyArray<A>): ReadonlyArray<ReadonlyArray<A>> =>
  Arr.chunksOf(values, mostValues).map((piece) => {
    const size = 2 ** Math.ceil(Math.log2(piece.length))
    return [...piece, ...Array<A>(size - piece.length).fill(piece[piece.length - 1] as A)]
  })

const batchSize = 16

// Rows for one INSERT each: by 16, and what is left one by one.
const batches = <A>(rows: ReadonlyArray<A>): ReadonlyArray<Arr.NonEmptyReadonlyArray<A>> =>
  Arr.chunksOf(rows, batchSize).flatMap((batch) => (batch.length === batchSize ? [batch] : batch.map(Arr.of)))

/** Makes an INSERT of any number of rows of these columns. @param rest - what stands behind the values, such as ON CONFLICT. */
export const inserting = <Column extends string>(table: string, columns: ReadonlyArray<Column>, rest = "") => {
  const values = `(${columns.map(() => "?").join(", ")})`
  const insert = (count: number) =>
    prepared(`INSERT INTO ${table} (${columns.join(", ")}) VALUES ${Array(count).fill(values).join(", ")} ${rest}`)
  const [one, many] = [insert(1), insert(batchSize)]
  return (rows: ReadonlyArray<Readonly<Record<Column, Value>>>) =>
    Effect.forEach(
      batches(rows),
      (batch) =>
        (batch.length === batchSize ? many : one)(...batch.flatMap((row) => columns.map((column) => row[column]))),
      { discard: true }
    )
}
