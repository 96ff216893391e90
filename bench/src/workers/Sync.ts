/**
 * Passes of the sync over one facility: Bookio over HTTP, the journal in a file, and a practice calendar that takes every
 * event and keeps their number only, so that what grows here is the sync's own. Both sides answer after a latency, which is added where a
 * request leaves.
 */
import "effect/schema/SchemaJITCompiler/enable"
import * as BookioRemote from "@bookio-kit/adapter-bookio/BookioRemote"
import * as Dispatched from "@bookio-kit/adapter-bookio/Dispatched"
import * as SyncJournal from "@bookio-kit/adapter-sql/journal/Journal"
import { Caller } from "@bookio-kit/core/access/Caller"
import { ChannelId, FacilityId } from "@bookio-kit/core/scalar/Id"
import { FacilityKey, Journal } from "@bookio-kit/core/sync/Journal"
import { type Listed, PracticeCalendar } from "@bookio-kit/core/sync/PracticeCalendar"
import { fromPorts } from "@bookio-kit/sync/Bookio"
import { makeFacilitySync } from "@bookio-kit/sync/Pass"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as Effect from "effect/Effect"
import * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as ManagedRuntime from "effect/ManagedRuntime"
import * as Redacted from "effect/Redacted"
import * as Stream from "effect/Stream"
import { serve } from "./Serve.ts"

export interface Given {
  readonly baseUrl: string
  readonly token: string
  readonly facilityId: number
  readonly journal: string
  readonly latencyMs: number
}

export interface PassResult {
  readonly seconds: number
  readonly cpuMs: number
  /** Requests of both sides. */
  readonly requests: number
  readonly reads: number
  readonly creates: number
  readonly confirmations: number
  /** The most memory in use after a collection, in MiB. */
  readonly heapMib: number
  readonly isSettled: boolean
}

const batch = 200
const pages = { requests: 0, reads: 0, creates: 0, confirmations: 0 }
const gc = globalThis.gc as () => void

const latency = (ms: number) => (ms === 0 ? Effect.void : Effect.sleep(ms))

// Events are numbered by the order in which they were made, and a token is the last one's number.
const practiceOf = (latencyMs: number): PracticeCalendar["Service"] => {
  let made = 0
  const since = (after: number) =>
    Stream.fromEffect(
      Effect.suspend(() => {
        pages.requests++
        return latency(latencyMs)
      })
    ).pipe(
      Stream.flatMap(() => {
        const told: Array<Listed> = []
        for (let first = after + 1; first <= made; first += batch) {
          const items = Array.from({ length: Math.min(batch, made - first + 1) }, (_, index) => ({
            _tag: "Unchanged" as const,
            href: `/${first + index}.ics`
          }))
          told.push({ _tag: "Items", items })
        }
        return Stream.fromIterable([...told, { _tag: "End", token: String(made), coverage: "complete" } as const])
      })
    )
  const unexpected = Effect.die(new Error("nobody has touched the calendar"))
  return PracticeCalendar.of({
    list: () => since(0),
    changes: (token) => since(Number(token)),
    create: () =>
      Effect.suspend(() => {
        pages.requests++
        pages.creates++
        const href = `/${++made}.ics`
        return Effect.as(latency(latencyMs), { href, etag: '"1"' })
      }),
    read: () => unexpected,
    update: () => unexpected,
    remove: () => unexpected
  })
}

// As the app's own (apps/sync-worker/src/Connections.ts).
const connections = Layer.effect(HttpClient.HttpClient)(
  Effect.gen(function* () {
    return Dispatched.make(yield* NodeHttpClient.Dispatcher, yield* NodeHttpClient.makeUndici)
  })
).pipe(Layer.provide(NodeHttpClient.layerDispatcher))

const clientOf = (latencyMs: number) =>
  Layer.effect(HttpClient.HttpClient)(
    Effect.map(HttpClient.HttpClient, (client) =>
      HttpClient.transform(client, (answer, request) =>
        Effect.suspend(() => {
          pages.requests++
          if (request.method === "GET") pages.reads++
          else pages.confirmations++
          return Effect.andThen(latency(latencyMs), answer)
        })
      )
    )
  ).pipe(Layer.provide(connections))

const make = ({ baseUrl, facilityId, journal, latencyMs, token }: Given) => {
  const remote = BookioRemote.layer({
    baseUrl,
    token: Redacted.make(token),
    extensions: true,
    timeout: "60 seconds",
    requestTimeout: 10_000,
    requestsPerMinute: 1_000_000,
    routes: {}
  }).pipe(Layer.provide(clientOf(latencyMs)))
  const caller = Layer.succeed(Caller)({ channelId: ChannelId.make(2), access: "write", language: "en" })
  const runtime = ManagedRuntime.make(Layer.mergeAll(remote, caller, SyncJournal.layerFile({ filename: journal })))
  const sync = runtime.runPromise(
    Effect.gen(function* () {
      const bookio = yield* fromPorts("known")
      const facility = FacilityId.make(facilityId)
      const calendars = yield* bookio.calendars(facility)
      return yield* makeFacilitySync(
        {
          key: FacilityKey.make(`bench ${facilityId}`),
          name: "bench",
          facilityId: facility,
          identity: "bench",
          channel: "bench",
          bookio,
          calendars: [
            {
              name: "all doctors",
              practice: practiceOf(latencyMs),
              serves: calendars.map(({ id }) => id),
              busy: "off",
              services: []
            }
          ],
          prefer: "bookio",
          onDelete: "ask",
          onRefusal: "keep",
          details: "initials",
          notes: false,
          tentative: false,
          language: "en",
          pastDays: 20_000,
          retentionDays: { records: 20_000, conflicts: 400, passes: 400 },
          deletionBudget: { count: 10, percent: 10 },
          concurrency: 16,
          requestTimeoutMs: 10_000,
          // Longer than any pass: what is measured is not how a busy machine renews it.
          leaseMs: 3_600_000
        },
        yield* Journal,
        "bench"
      )
    })
  )
  return { runtime, sync }
}

let made: ReturnType<typeof make> | undefined

const open = async (given: Given) => {
  made = make(given)
  await made.sync
}

const pass = async (watchesMemory: boolean): Promise<PassResult> => {
  if (made === undefined) throw new Error("open comes first")
  const sync = await made.sync
  Object.assign(pages, { requests: 0, reads: 0, creates: 0, confirmations: 0 })
  let heap = 0
  const look = () => {
    gc()
    heap = Math.max(heap, process.memoryUsage().heapUsed)
  }
  // A collection costs time, so it is done only where memory is what is asked for.
  const timer = watchesMemory ? setInterval(look, 1_000) : undefined
  const cpu = process.cpuUsage()
  const startedMs = performance.now()
  const report = await made.runtime.runPromise(sync.pass())
  const seconds = (performance.now() - startedMs) / 1000
  const { system, user } = process.cpuUsage(cpu)
  clearInterval(timer)
  if (watchesMemory) look()
  return { ...pages, seconds, cpuMs: (user + system) / 1000, heapMib: heap / 2 ** 20, isSettled: report.isSettled }
}

const close = async () => {
  await made?.runtime.dispose()
  made = undefined
}

serve({ open, pass, close })
