/**
 * Writes with what is stored beside them, in one transaction: the steps of the ports (which join it), the line of the audit
 * log, and the answer under its `Idempotency-Key`. A refused step is undone by itself, so that the record of its refusal
 * stays. Writes come one after another, so a second request with a key finds what the first has left.
 */
import { Caller } from "@bookio-kit/core/access/Caller"
import { toWireError } from "@bookio-kit/core/api/Envelope"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { ValidationError } from "@bookio-kit/core/error/Refusal"
import { idempotencyHeader, isRemembered } from "@bookio-kit/core/idempotency/IdempotencyKey"
import { about } from "@bookio-kit/core/text/Text"
import { type Answer, type Answered, type Write, Writes } from "@bookio-kit/core/write/Writes"
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as SqlClient from "effect/sql/SqlClient"
import { Database } from "../database/Database.ts"
import { databaseClockMs } from "../database/Dialect.ts"
import * as AuditEntries from "./AuditEntries.ts"
import * as EventStore from "./EventStore.ts"
import * as IdempotencyRecords from "./IdempotencyRecords.ts"

type CallerService = Caller["Service"]

// What has expired is removed by every so many writes, and as much at once as they could have left twice over.
const removeEvery = 64
const removeLimit = 128

const reused = new ValidationError({ problems: [about(idempotencyHeader, "keyReused")] })

// Where nothing was done for lack of a database, there is none to tell it to; an unknown outcome is not told as one.
const isInternal = (cause: Cause.Cause<ValidationError | BackendError>): boolean =>
  Cause.hasDies(cause) ||
  Option.exists(Cause.findErrorOption(cause), (error) => error._tag === "BackendError" && error.reason === "Internal")

const perform = Effect.fnUntraced(function* <R>(
  caller: CallerService,
  write: Write,
  answer: Effect.Effect<Answer, BackendError, R>
) {
  const sql = yield* SqlClient.SqlClient
  const nowMs = yield* databaseClockMs(sql)
  const known =
    write.idempotency === undefined
      ? undefined
      : yield* IdempotencyRecords.find(caller, write, write.idempotency, nowMs)
  if (known?.first !== undefined) {
    if (known.first.isSameBody) return Result.succeed<Answered>({ ...known.first.answer, isReplay: true })
    yield* AuditEntries.add(caller, write, toWireError(reused, write.requestId), nowMs)
    return Result.fail(reused)
  }
  const made = yield* answer
  yield* AuditEntries.add(caller, write, made, nowMs)
  if (known !== undefined && isRemembered(made)) yield* IdempotencyRecords.keep(known, made, nowMs)
  return Result.succeed<Answered>({ ...made, isReplay: false })
})

const removeExpired = Effect.fnUntraced(function* (auditDays: number) {
  const nowMs = yield* databaseClockMs(yield* SqlClient.SqlClient)
  yield* AuditEntries.removeExpired(nowMs, auditDays, removeLimit)
  yield* IdempotencyRecords.removeExpired(nowMs, removeLimit)
  yield* EventStore.removeExpired(nowMs, removeLimit)
})

export const layer = Layer.effect(Writes)(
  Effect.gen(function* () {
    const database = yield* Database
    const auditDays = yield* AuditEntries.AuditRetentionDays
    let count = 0
    // What fails inside undoes its write with all that stood beside it, so it is told by a write of its own.
    const auditInternal = Effect.fnUntraced(function* (caller: CallerService, write: Write) {
      const outcome = toWireError(new BackendError({ reason: "Internal" }), write.requestId)
      yield* database.write(
        Effect.gen(function* () {
          yield* AuditEntries.add(caller, write, outcome, yield* databaseClockMs(yield* SqlClient.SqlClient))
        })
      )
    })
    return Writes.of({
      run: Effect.fn("Writes.run")(function* (write, answer) {
        const caller = yield* Caller
        const isCleaning = count++ % removeEvery === 0
        const steps = perform(caller, write, answer)
        const result = yield* database
          .write(isCleaning ? Effect.tap(steps, removeExpired(auditDays)) : steps)
          .pipe(
            Effect.tapCause((cause) => (isInternal(cause) ? Effect.ignore(auditInternal(caller, write)) : Effect.void))
          )
        return yield* Effect.fromResult(result)
      })
    })
  })
)
