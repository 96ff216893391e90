/** What is said of a database that fails under the engine, by SQLite's primary result codes (https://sqlite.org/rescode.html). */
import * as Predicate from "effect/Predicate"
import type { Reason } from "./Failure.ts"

const locked: Reason = {
  why: "another process keeps the database locked",
  fix: "try again in a moment",
  exitCode: 1
}
const forbidden: Reason = {
  why: "the database may not be written",
  fix: "look at the rights on the file and its folder",
  exitCode: 78
}

const reasons: { readonly [code: number]: Reason } = {
  3: forbidden,
  5: locked,
  6: locked,
  8: forbidden,
  10: { why: "the disk has failed the database", fix: "look at the log of the system", exitCode: 1 },
  11: { why: "the database is damaged", fix: "`bookio restore` brings a backup back", exitCode: 78 },
  13: { why: "the disk is full", fix: "make room on it", exitCode: 1 },
  14: { why: "the database cannot be opened", fix: "look at the rights on the file and its folder", exitCode: 78 },
  15: locked,
  26: { why: "the file is no database", fix: "look at BOOKIO_DATABASE", exitCode: 78 }
}

/** What is said of an error that a database's failure is the cause of; undefined for any other. */
export const tellDatabase = (error: unknown): Reason | undefined => {
  let isDatabase = false
  let at = error
  for (let depth = 0; depth < 8 && Predicate.isObject(at); depth++) {
    isDatabase ||= Predicate.isTagged(at, "SqlError")
    if (isDatabase && Predicate.hasProperty(at, "errcode") && Predicate.isNumber(at.errcode)) {
      const known = reasons[at.errcode & 0xff]
      if (known !== undefined) return known
    }
    at = Predicate.hasProperty(at, "cause") ? at.cause : Predicate.hasProperty(at, "reason") ? at.reason : undefined
  }
  return isDatabase ? { why: "the database failed", fix: "--verbose tells more", exitCode: 1 } : undefined
}
