/**
 * The delivery of webhooks: follows the feed for each of them from its own place, sends, and tries again what failed. At least
 * once and in no promised order. A webhook has a place in the feed and rows for what failed, never a copy of the feed: while
 * its receiver is away its place stays where it is.
 *
 * Any number of processes can run it over one store; each webhook is served by one of them.
 */
import { randomUUID } from "node:crypto"
import { Caller } from "@bookio-kit/core/access/Caller"
import type { Event, EventId } from "@bookio-kit/core/event/Event"
import { type EventPage, Events } from "@bookio-kit/core/event/Events"
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import type { WebhookId } from "@bookio-kit/core/webhook/Webhook"
import { type Progress, type Target, WebhookDeliveries } from "@bookio-kit/core/webhook/WebhookDeliveries"
import * as Clock from "effect/Clock"
import * as Data from "effect/Data"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FiberMap from "effect/FiberMap"
import * as Layer from "effect/Layer"
import * as Stream from "effect/Stream"
import * as Attempts from "./Attempts.ts"
import type { BackoffOptions } from "./Backoff.ts"

export interface DeliveryOptions extends BackoffOptions {
  /** How often webhooks are claimed and what is due is looked for; 5 seconds. A claim lasts three times as long. */
  readonly pollEvery?: Duration.Input
}

/** So many attempts in a row that failed mean that the receiver is away: then only what failed is tried again. */
const awayAfter = 20

/** The most messages of a webhook that are to be tried again; with so many its place in the feed stays where it is. */
const maxPending = 1000

/** The most messages between two records of what became of them: what is sent once more after a crash. */
const chunkSize = 16

/** How often the place in the feed is stored while nothing of it is for the webhook. */
const skipEveryMs = 10_000

/** A webhook that this process serves; its parts change as it is claimed again and as messages are tried. */
interface Served {
  target: Target
  after: EventId | undefined
  failures: number
  pending: number
  storedMs: number
}

/** The feed is left for as long as the receiver is away. */
class Held extends Data.TaggedError("Held") {}

/** The webhook is another process's, or there is none any more. */
class Lost extends Data.TaggedError("Lost") {}

const isAway = ({ failures }: Served): boolean => failures >= awayAfter

// With nothing left to try, one new message finds out whether the receiver is there again.
const isHeld = (served: Served): boolean => served.pending >= maxPending || (isAway(served) && served.pending > 0)

const isWanted =
  ({ kinds }: Target) =>
  ({ kind }: Event): boolean =>
    kinds === undefined || kinds.includes(kind)

const make = Effect.fnUntraced(function* ({ pollEvery = "5 seconds", ...backoff }: DeliveryOptions) {
  const events = yield* Events
  const facilities = yield* Facilities
  const store = yield* WebhookDeliveries
  const tryAll = yield* Attempts.make(backoff)
  const pollMs = Duration.toMillis(Duration.fromInputUnsafe(pollEvery))
  const worker = randomUUID()
  const served = new Map<WebhookId, Served>()

  const asChannel = ({ target }: Served) =>
    Effect.provideService(Caller, { channelId: target.channelId, access: "admin", language: "en" } as const)

  const tell = (served: Served, message: string) =>
    Effect.logWarning(message).pipe(Effect.annotateLogs({ webhookId: served.target.webhookId }))

  /** Stores what became of messages. @errors `Lost`. */
  const record = Effect.fnUntraced(function* (served: Served, progress: Progress) {
    const wasAway = isAway(served)
    const isGone = progress.outcomes.some(({ status }) => status === Attempts.gone)
    const isBack = wasAway && progress.outcomes.some(({ result }) => result === "delivered")
    const health = yield* store.record(worker, served.target.webhookId, { ...progress, isGone, isBack })
    if (health === undefined) return yield* new Lost()
    served.failures = health.failures
    served.pending = health.pending
    if (progress.after !== undefined) served.after = progress.after
    served.storedMs = yield* Clock.currentTimeMillis
    if (progress.hasGap === true) yield* tell(served, "webhook missed events that are gone")
    if (!wasAway && isAway(served)) yield* tell(served, "webhook's receiver is away")
    if (isBack) yield* tell(served, "webhook's receiver is back")
    if (isGone) {
      yield* tell(served, "webhook is disabled")
      return yield* new Lost()
    }
  })

  /** Sends what of a page is for the webhook, a chunk at a time. @errors `Held` when the rest has to wait. */
  const deliverPage = Effect.fnUntraced(function* (served: Served, { events, hasGap, last }: EventPage) {
    if (hasGap) {
      // Where nothing is left of the feed, it is followed from its begin.
      served.after = undefined
      yield* record(served, { outcomes: [], hasGap })
    }
    const wanted = events.filter(isWanted(served.target))
    for (let at = 0; at < wanted.length; ) {
      if (isHeld(served)) return yield* new Held()
      const chunk = wanted.slice(at, at + (isAway(served) ? 1 : chunkSize))
      const nowMs = yield* Clock.currentTimeMillis
      const outcomes = yield* tryAll(
        served.target,
        chunk.map((event) => Attempts.untried(event, nowMs))
      )
      at += chunk.length
      const after = at === wanted.length ? last : chunk.at(-1)?.id
      yield* record(served, { outcomes, ...(after === undefined ? {} : { after }) })
    }
    if (wanted.length > 0 || last === undefined) return
    served.after = last
    if ((yield* Clock.currentTimeMillis) - served.storedMs >= skipEveryMs) {
      yield* record(served, { outcomes: [], after: last })
    }
  })

  const follow = Effect.fnUntraced(function* (served: Served) {
    const { facilityId } = served.target
    if (isHeld(served)) return yield* Effect.sleep(pollMs)
    yield* events
      .follow({
        ...(served.after === undefined ? {} : { after: served.after }),
        ...(facilityId === undefined ? {} : { facilityId })
      })
      .pipe(
        Stream.runForEach((page) => deliverPage(served, page)),
        asChannel(served),
        // A facility that is withdrawn from the channel may be given back, and so may a gateway's key.
        Effect.catchTag(["PermissionDenied", "InvalidToken"], () => Effect.sleep(pollMs)),
        Effect.catchTag("Held", () => Effect.void)
      )
  })

  /** Tries again what is due; what is of a facility that the channel reaches no more is dropped. */
  const retry = Effect.fnUntraced(function* (served: Served) {
    const { webhookId } = served.target
    const due = served.pending === 0 ? [] : yield* store.due(webhookId, chunkSize)
    if (due.length > 0) {
      const reached = new Set((yield* asChannel(served)(facilities.list)).map(({ id }) => id))
      const foreign = due.filter(({ event }) => !reached.has(event.facilityId))
      yield* store.drop(
        webhookId,
        foreign.map(({ event }) => event.id)
      )
      const outcomes = yield* tryAll(
        served.target,
        due.filter(({ event }) => reached.has(event.facilityId))
      )
      yield* record(served, { outcomes })
    }
    if (due.length < chunkSize) yield* Effect.sleep(pollMs)
  })

  // What fails for a while, such as a database that is busy, is begun anew where it was left.
  const forever = <E extends { readonly _tag: string }, R>(step: Effect.Effect<void, E | Lost, R>) =>
    step.pipe(
      Effect.catchIf(
        (error): error is E => !(error instanceof Lost),
        (error) =>
          Effect.logWarning("webhook delivery failed").pipe(
            Effect.annotateLogs({ error: error._tag }),
            Effect.andThen(Effect.sleep(pollMs))
          )
      ),
      Effect.forever
    )

  const serve = (served: Served) =>
    Effect.raceFirst(forever(follow(served)), forever(retry(served))).pipe(Effect.catchTag("Lost", () => Effect.void))

  // Added first, so run last: nothing is sent any more when others may take over.
  yield* Effect.addFinalizer(() => Effect.ignore(store.release(worker)))
  const fibers = yield* FiberMap.make<WebhookId>()

  const claim = Effect.gen(function* () {
    const targets = yield* store.claim(worker, 3 * pollMs)
    const claimed = new Set(targets.map(({ webhookId }) => webhookId))
    for (const webhookId of served.keys()) {
      if (claimed.has(webhookId)) continue
      served.delete(webhookId)
      yield* FiberMap.remove(fibers, webhookId)
    }
    for (const target of targets) {
      const known = served.get(target.webhookId)
      if (known !== undefined && (yield* FiberMap.has(fibers, target.webhookId))) {
        Object.assign(known, { target, failures: target.failures, pending: target.pending })
        continue
      }
      const fresh = { target, after: target.after, failures: target.failures, pending: target.pending, storedMs: 0 }
      served.set(target.webhookId, fresh)
      yield* FiberMap.run(fibers, target.webhookId, serve(fresh))
    }
  })

  yield* Effect.forkScoped(forever(Effect.andThen(claim, Effect.sleep(pollMs))))
})

/** Delivers for as long as the layer's scope is open. What is in flight when it closes is sent again by whoever comes next. */
export const layer = (options: DeliveryOptions = {}) => Layer.effectDiscard(make(options))
