/** Reservation numbers: six of a-z and 0-9, drawn at random, unique in the database (api.md, 6). */
import * as Effect from "effect/Effect"
import * as SqlClient from "effect/sql/SqlClient"

const alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"

// Drawn for many numbers at once: a call costs more than its bytes. Each byte is used once.
const bytes = new Uint8Array(1024)
let used = bytes.length

const nextByte = (): number => {
  if (used === bytes.length) {
    globalThis.crypto.getRandomValues(bytes)
    used = 0
  }
  return bytes[used++] as number
}

/** A number at random, which may be taken. */
export const draw = (): string => {
  let number = ""
  while (number.length < 6) {
    const byte = nextByte()
    // 252 is the greatest multiple of 36 in a byte: what lies above is drawn again, so that no letter is likelier.
    if (byte < 252) number += alphabet[byte % 36]
  }
  return number
}

/** Draws a number that no reservation has. */
export const drawNumber = Effect.gen(function* () {
  const sql = yield* SqlClient.SqlClient
  while (true) {
    const number = draw()
    const taken = yield* sql`SELECT 1 FROM reservation WHERE number = ${number}`
    if (taken.length === 0) return number
  }
})
