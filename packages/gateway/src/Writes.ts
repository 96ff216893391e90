/**
 * Core's ports of what is stored beside a write, for a gateway: its upstream has no step to store it in, so a write leaves
 * its intention in the `WriteStore` before it is done and its outcome after it. Each runs on a fiber of its own: a caller
 * who goes away leaves no write without an outcome, and who repeats it meanwhile gets the same answer.
 */
import { toWireError } from "@bookio-kit/core/api/Envelope"
import { AuditEntries } from "@bookio-kit/core/audit/AuditEntries"
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { ValidationError } from "@bookio-kit/core/error/Refusal"
import { idempotencyHeader, isRemembered } from "@bookio-kit/core/idempotency/IdempotencyKey"
import { about } from "@bookio-kit/core/text/Text"
import { type Answer, type Answered, type RecordIds, type Write, Writes } from "@bookio-kit/core/write/Writes"
import * as Cause from "effect/Cause"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Deferred from "effect/Deferred"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import { Attempt } from "./Attempt.ts"
import { type IdKind, IndexStore } from "./IndexStore.ts"
import { countRepeat } from "./Metrics.ts"
import { provesNothingDone, unsettledMs } from "./Proof.ts"
import { type Client, Sessions } from "./Sessions.ts"
import { type Keep, type Outcome, type Work, WriteStore } from "./WriteStore.ts"

const reused = new ValidationError({ problems: [about(idempotencyHeader, "keyReused")] })

/** A request with a key that is being worked on. */
interface Flight {
  readonly body: Uint8Array | undefined
  readonly answered: Deferred.Deferred<Answered, ValidationError | BackendError>
}

const isSame = (a: Uint8Array = new Uint8Array(), b: Uint8Array = new Uint8Array()) =>
  a.length === b.length && a.every((byte, index) => byte === b[index])

const recordOf = ({ blockedTimeId, calendarId, reservationId }: RecordIds): readonly [IdKind, number] | undefined => {
  if (reservationId !== undefined) return ["reservation", reservationId]
  if (blockedTimeId !== undefined) return ["blockedTime", blockedTimeId]
  return calendarId === undefined ? undefined : ["calendar", calendarId]
}

const outcomeOf = (made: Answer): Outcome => ({
  status: made.status,
  ...(made.errorCode === undefined ? {} : { errorCode: made.errorCode }),
  ...(made.ids === undefined ? {} : { ids: made.ids })
})

const outcomeOfError = (error: ValidationError | BackendError, { requestId }: Write): Outcome => {
  const { errorCode, status } = toWireError(error, requestId)
  return errorCode === undefined ? { status } : { status, errorCode }
}

// What does not end as it should is a defect; its outcome is not known.
const failureOf = (cause: Cause.Cause<BackendError>): BackendError =>
  Option.getOrElse(Cause.findErrorOption(cause), () => new BackendError({ reason: "Internal" }))

const make = Effect.gen(function* () {
  const sessions = yield* Sessions
  const store = yield* WriteStore
  const index = yield* IndexStore
  const scope = yield* Effect.scope
  // What a process before this one left can be under way for a while yet.
  const startedMs = yield* Clock.currentTimeMillis
  const flights = new Map<string, Flight>()
  const flightAt = (place: string | undefined) => (place === undefined ? undefined : flights.get(place))

  /**
   * The ids of a line. The facility of a record, or the one that is named, is told only where the client reaches it, so that
   * the log tells neither where a foreign record belongs nor that it exists (engine.md, rule 12).
   */
  const visible = Effect.fnUntraced(function* (
    { session }: Client,
    { facilityId, ...ids }: RecordIds,
    isDone: boolean
  ) {
    const record = recordOf(ids)
    const found = record === undefined ? undefined : yield* Effect.orElseSucceed(index.find(...record), () => undefined)
    const known = found ?? facilityId
    const reaches = known !== undefined && (session.facilities === undefined ? isDone : session.facilities.has(known))
    return reaches ? { ...ids, facilityId: known } : ids
  })

  /** Stores the end of a write. Without that nobody is told of a success: it could not be told again. */
  const finish = (work: Work, outcome: Outcome, keep: Keep) =>
    Effect.mapError(store.finish(work, outcome, keep), (error) =>
      outcome.status === 200 ? new BackendError({ reason: "OutcomeUnknown", cause: error }) : error
    )

  const perform = Effect.fnUntraced(function* <R>(
    client: Client,
    write: Write,
    answer: Effect.Effect<Answer, BackendError, R>
  ): Effect.fn.Return<Answered, ValidationError | BackendError, R> {
    const begun = yield* store.begin({ ...write, ids: yield* visible(client, write.ids, false), client }).pipe(
      // Nothing is sent, whatever became of the intention.
      Effect.mapError((error) =>
        error.reason === "OutcomeUnknown" ? new BackendError({ reason: "Overloaded", cause: error }) : error
      )
    )
    if (begun._tag === "Answered") {
      yield* countRepeat("replayed")
      return { ...begun.answer, isReplay: true }
    }
    const { work } = begun
    if (begun._tag === "OtherBody") {
      yield* countRepeat("otherBody")
      yield* finish(work, outcomeOfError(reused, write), "nothing")
      return yield* reused
    }
    const attempt: Attempt = { earlier: undefined }
    if (work.earlier !== undefined) {
      const { begunMs, leftMs = startedMs } = work.earlier
      attempt.earlier = { begunMs, settledFromMs: leftMs + unsettledMs }
    }
    const end = (outcome: Outcome, keep: Keep) => {
      const { record, ...others } = work
      // What ended this request says nothing about an earlier one that was not looked up.
      return finish(record === undefined || attempt.earlier !== undefined ? others : work, outcome, keep)
    }
    const exit = yield* Effect.exit(Effect.provideService(answer, Attempt, attempt))
    if (Exit.isSuccess(exit)) {
      const made = exit.value
      const ids = yield* visible(client, { ...write.ids, ...made.ids }, made.status === 200)
      yield* end({ ...outcomeOf(made), ids }, isRemembered(made) ? made : "nothing")
      return { ...made, isReplay: false }
    }
    // Cut off by the end of this process: the next one finds it at work.
    if (Cause.hasInterruptsOnly(exit.cause)) return yield* Effect.failCause(exit.cause)
    const error = failureOf(exit.cause)
    yield* end(outcomeOfError(error, write), provesNothingDone(error) ? "nothing" : "unknown")
    return yield* Effect.failCause(exit.cause)
  })

  const run: Writes["Service"]["run"] = (write, answer) =>
    Effect.uninterruptibleMask((restore) =>
      Effect.gen(function* () {
        const client = Option.getOrUndefined(yield* Effect.option(sessions.client))
        // Its key was revoked a moment ago, as the answer says.
        if (client === undefined) return yield* restore(Effect.map(answer, (made) => ({ ...made, isReplay: false })))
        const { idempotency, operation } = write
        const flight: Flight = { body: idempotency?.body, answered: Deferred.makeUnsafe() }
        // The store tells keys apart by the same.
        const place = idempotency === undefined ? undefined : `${client.sha256} ${operation} ${idempotency.key}`
        for (let other = flightAt(place); other !== undefined; other = flightAt(place)) {
          const exit = yield* restore(Effect.exit(Deferred.await(other.answered)))
          if (!isSame(other.body, flight.body)) continue
          yield* countRepeat("replayed")
          return { ...(yield* exit), isReplay: true }
        }
        if (place !== undefined) flights.set(place, flight)
        const land = (exit: Exit.Exit<Answered, ValidationError | BackendError>) => {
          if (place !== undefined) flights.delete(place)
          return Deferred.done(flight.answered, exit)
        }
        yield* Effect.forkIn(Effect.onExit(perform(client, write, answer), land), scope)
        return yield* restore(Deferred.await(flight.answered))
      })
    ).pipe(Effect.withSpan("Writes.run"))

  const list: AuditEntries["Service"]["list"] = Effect.fn("AuditEntries.list")(function* (query) {
    const client = yield* Effect.mapError(
      sessions.client,
      // Its key was revoked a moment ago, as the next request is told.
      (cause) => new BackendError({ reason: "Overloaded", cause })
    )
    return yield* store.list(client, [...(client.session.facilities ?? [])], query)
  })

  return Context.make(Writes, { run }).pipe(Context.add(AuditEntries, { list }))
})

export const layer: Layer.Layer<Writes | AuditEntries, never, Sessions | WriteStore | IndexStore> =
  Layer.effectContext(make)
