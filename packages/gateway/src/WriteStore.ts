/**
 * The port of what a gateway stores with writes: the audit log, and answers under their `Idempotency-Key`. A write leaves
 * its intention before it goes upstream and its outcome after it, so that a crash between the two is seen. It is about one
 * upstream server, and one gateway uses it at a time.
 */
import type { AuditEntry, AuditQuery } from "@bookio-kit/core/audit/AuditEntry"
import type { BackendError } from "@bookio-kit/core/error/BackendError"
import { idempotencyLifetimeMs } from "@bookio-kit/core/idempotency/IdempotencyKey"
import type { Page } from "@bookio-kit/core/page/Page"
import { ChannelId, type FacilityId, TokenId } from "@bookio-kit/core/scalar/Id"
import { toEpochDay } from "@bookio-kit/core/time/LocalDate"
import type { Answer, RecordIds, Write } from "@bookio-kit/core/write/Writes"
import * as Clock from "effect/Clock"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type { Client } from "./Sessions.ts"

/** A write that is about to be done. Its facility is there only where the log may tell it to the client. */
export interface Intention extends Write {
  readonly client: Client
}

/** How a write ended, for the log; what is stored of the request's own ids is kept. */
export interface Outcome {
  /** The HTTP status. */
  readonly status: number
  readonly errorCode?: number
  readonly ids?: RecordIds
}

/** A request whose effect is not known: when its first attempt began, and when its last one was over, Unix milliseconds. */
export interface Earlier {
  readonly begunMs: number
  /** Absent where the process ended before it. */
  readonly leftMs?: number
}

/** A write whose intention is stored. */
export interface Work {
  /** Its line of the log. */
  readonly line: number
  /** Its key's record, where it has one of its own to end. */
  readonly record?: number
  readonly earlier?: Earlier
}

/** What is stored of a key: nothing or an earlier request without outcome, the first answer, or another body. */
export type Begun =
  | { readonly _tag: "Work"; readonly work: Work }
  | { readonly _tag: "Answered"; readonly answer: Answer }
  | { readonly _tag: "OtherBody"; readonly work: Work }

/** What a key's record becomes: an answer for 24 hours; nothing; or of unknown outcome until 24 hours after its first attempt. */
export type Keep = Answer | "nothing" | "unknown"

export class WriteStore extends Context.Service<
  WriteStore,
  {
    /**
     * Stores that a write begins, and under its key that it is at work; where the key has an answer, nothing. Durable when it
     * ends.
     *
     * @errors `BackendError` when the store fails; nothing may be sent then.
     */
    readonly begin: (intention: Intention) => Effect.Effect<Begun, BackendError>
    /** Stores how a write ended, and what its record becomes. Durable when it ends. @errors `BackendError`. */
    readonly finish: (work: Work, outcome: Outcome, keep: Keep) => Effect.Effect<void, BackendError>
    /**
     * A page of the log by instant, then id, both ascending: lines of the client, and those of `facilities`. Writes whose end no
     * process saw are in it as `OutcomeUnknown` from the next start on.
     *
     * @errors `BackendError`.
     */
    readonly list: (
      client: Client,
      facilities: ReadonlyArray<FacilityId>,
      query: AuditQuery
    ) => Effect.Effect<Page<AuditEntry>, BackendError>
  }
>()("@bookio-kit/gateway/WriteStore") {}

interface Stored {
  readonly body: Uint8Array
  readonly begunMs: number
  leftMs?: number
  answer?: Answer
  untilMs: number
}

const dayMs = 86_400_000

const isSame = (a: Uint8Array, b: Uint8Array) => a.length === b.length && a.every((byte, index) => byte === b[index])

/** A store that lasts as long as the process. Of its log nothing is removed. */
export const layerMemory: Layer.Layer<WriteStore> = Layer.sync(WriteStore)(() => {
  const lines: Array<Intention> = []
  const log: Array<AuditEntry & { readonly atMs: number; readonly sha256: string }> = []
  const records = new Map<number, Stored>()
  const places = new Map<string, number>()
  const numbers = new Map<string, number>()
  const numberOf = (sha256: string) => {
    const number = numbers.get(sha256) ?? numbers.size + 1
    numbers.set(sha256, number)
    return number
  }
  const now = <A>(use: (nowMs: number) => A) => Effect.map(Clock.currentTimeMillis, use)
  return WriteStore.of({
    begin: (intention) =>
      now((nowMs): Begun => {
        const { client, idempotency, operation } = intention
        const record = lines.length
        const place = idempotency === undefined ? undefined : `${client.sha256} ${operation} ${idempotency.key}`
        const at = place === undefined ? undefined : places.get(place)
        const found = at === undefined ? undefined : records.get(at)
        const known = found !== undefined && found.untilMs > nowMs ? found : undefined
        const isOther = known !== undefined && idempotency !== undefined && !isSame(known.body, idempotency.body)
        if (known?.answer !== undefined && !isOther) return { _tag: "Answered", answer: known.answer }
        const line = lines.push(intention) - 1
        if (isOther) return { _tag: "OtherBody", work: { line } }
        if (idempotency === undefined || place === undefined) return { _tag: "Work", work: { line } }
        if (known !== undefined && at !== undefined) {
          const { begunMs, leftMs } = known
          const earlier = leftMs === undefined ? { begunMs } : { begunMs, leftMs }
          return { _tag: "Work", work: { line, record: at, earlier } }
        }
        places.set(place, record)
        records.set(record, { body: idempotency.body, begunMs: nowMs, untilMs: nowMs + idempotencyLifetimeMs })
        return { _tag: "Work", work: { line, record } }
      }),
    finish: ({ line, record }, outcome, keep) =>
      now((nowMs) => {
        const stored = record === undefined ? undefined : records.get(record)
        if (stored !== undefined && record !== undefined) {
          if (keep === "nothing") records.delete(record)
          else if (keep === "unknown") stored.leftMs = nowMs
          else Object.assign(stored, { answer: keep, untilMs: nowMs + idempotencyLifetimeMs })
        }
        const intention = lines[line]
        if (intention === undefined) return
        const { client, ids, operation, requestId } = intention
        const { status, errorCode } = outcome
        log.push({
          id: log.length + 1,
          at: new Date(nowMs).toISOString(),
          atMs: nowMs,
          sha256: client.sha256,
          channelId: ChannelId.make(numberOf(client.session.upstreamDigest)),
          tokenId: TokenId.make(numberOf(client.sha256)),
          operation,
          requestId,
          ...ids,
          ...outcome.ids,
          status,
          ...(errorCode === undefined ? {} : { errorCode })
        })
      }),
    list: (client, facilities, { from, limit = 100, offset = 0, to }) =>
      Effect.sync(() => {
        const found = log.filter(
          ({ atMs, facilityId, sha256 }) =>
            (sha256 === client.sha256 || (facilityId !== undefined && facilities.includes(facilityId))) &&
            (from === undefined || atMs >= toEpochDay(from) * dayMs) &&
            (to === undefined || atMs < (toEpochDay(to) + 1) * dayMs)
        )
        const rows = found.slice(offset, offset + limit).map(({ atMs: _, sha256: __, ...entry }) => entry)
        return { pagination: { total: found.length, offset, limit }, rows }
      })
  })
})
