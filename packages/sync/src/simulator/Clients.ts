/** The two sides as a process of a worker has them: the ports over the simulated network. */
import { BackendError } from "@bookio-kit/core/error/BackendError"
import type { Refusal } from "@bookio-kit/core/error/Refusal"
import { ValidationError } from "@bookio-kit/core/error/Refusal"
import type { Facility } from "@bookio-kit/core/facility/Facility"
import type { AppointmentChange, PracticeItem } from "@bookio-kit/core/sync/Appointment"
import {
  ItemChanged,
  ItemExists,
  ItemNotFound,
  type ItemRef,
  ItemRefused,
  type Listed,
  type PracticeCalendar,
  PracticeError,
  SyncTokenInvalid
} from "@bookio-kit/core/sync/PracticeCalendar"
import { say } from "@bookio-kit/core/text/Text"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import type { Bookio } from "../Bookio.ts"
import type { BlockedRow, BookioServer, ReservationRow } from "./BookioServer.ts"
import type { Wire, WireOptions } from "./BookioWire.ts"
import type { Ledger } from "./Ledger.ts"
import type { Fault, Network, Process } from "./Network.ts"
import { type EventContent, type EventRow, isOf, itemOf, type PracticeServer } from "./PracticeServer.ts"
import type { Prng } from "./Prng.ts"

const isRefusal = (answer: ReservationRow | BlockedRow | Refusal): answer is Refusal => "_tag" in answer

const settled = <A extends ReservationRow | BlockedRow, B>(
  answer: () => A | Refusal,
  of: (row: A) => B
): Effect.Effect<B, Refusal> =>
  Effect.suspend(() => {
    const given = answer()
    return isRefusal(given) ? Effect.fail(given) : Effect.succeed(of(given as A))
  })

const invalid = () => new ValidationError({ problems: [say("notText")] })

/** The Bookio side. Faults of the practice cannot come of it. */
export const bookioOf = (
  server: BookioServer,
  wire: Wire,
  options: WireOptions & { readonly hasFeed: boolean; readonly isPutBack: boolean },
  facility: Facility,
  network: Network,
  process: Process,
  ledger: Ledger
): Bookio => {
  const fault = (reason: Fault, retryAfterMs?: number) =>
    new BackendError({ reason, ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })
  const ask = <A, E>(name: string, isWrite: boolean, work: () => Effect.Effect<A, E>) =>
    Effect.suspend(() => {
      const sentAt = ledger.order()
      const served = () => {
        ledger.serving(sentAt)
        return work()
      }
      return network.send(process, { side: "bookio", server: "bookio", name, isWrite, fault }, served)
    })
  const read = <A>(name: string, work: () => A) => ask(name, false, () => Effect.sync(work))
  const refOf = ({ externalId, id }: ReservationRow) =>
    ({ reservationId: id, ...(externalId === undefined ? {} : { externalId }) }) as never
  return {
    order: options.order,
    offsets: options.offsets,
    facilities: read("facilities", () => [facility]),
    calendars: () => read("calendars", () => server.calendars),
    listReservations: (query) =>
      Effect.map(
        read(`reservations ${JSON.stringify(query)}`, () => [wire.reservations(query), ledger.order()] as const),
        ([page, order]) => {
          ledger.listed(
            page.rows.map(({ id }) => id),
            order
          )
          return page
        }
      ),
    listBlockedTimes: (query) => read(`blockedTimes ${JSON.stringify(query)}`, () => wire.blockedTimes(query)),
    events: options.hasFeed ? (query) => read(`events ${query.after ?? 0}`, () => wire.events(query)) : undefined,
    newestEvent: read("newest", wire.newest),
    createReservation: (asked) =>
      ask(`create ${asked.externalId} ${JSON.stringify(asked.dateFrom)}`, true, () => {
        const term = wire.term({
          dateFrom: asked.dateFrom,
          ...(asked.dateFromOffset === undefined ? {} : { dateFromOffset: asked.dateFromOffset })
        })
        if (term === undefined) return Effect.fail(invalid())
        const { email, externalId, name, note = "", phone, serviceId, surname } = asked
        const booking = { service: serviceId, startMs: term.startMs, name, surname, email, phone, note, externalId }
        return settled(() => server.book(booking, "sync"), refOf)
      }),
    changeStatus: (id, { status }) =>
      ask(`status ${id} ${status}`, true, () => settled(() => server.setStatus(id, status, "sync"), refOf)),
    changeTerm: (id, change) =>
      ask(`term ${id} ${JSON.stringify(change)}`, true, () => {
        const term = wire.term(change)
        return term === undefined ? Effect.fail(invalid()) : settled(() => server.move(id, term, "sync"), refOf)
      }),
    confirmSync: (id, { externalId }) =>
      Effect.suspend(() => {
        if (!options.isPutBack) ledger.confirming(id)
        return ask(`confirm ${id} ${externalId}`, true, () => settled(() => server.confirm(id, externalId), refOf))
      }),
    createBlockedTime: (asked) =>
      ask(`block ${asked.externalId} ${JSON.stringify(asked.dateFrom)}`, true, () => {
        const term = wire.term(asked)
        if (term === undefined) return Effect.fail(invalid())
        return settled(
          () => server.block(term, asked.note, asked.externalId, "sync"),
          ({ id }) => ({ blockedTimeId: id }) as never
        )
      }),
    changeBlockedTime: (id, change) =>
      ask(`moveBlocked ${id} ${JSON.stringify(change)}`, true, () => {
        const term = wire.term(change)
        return term === undefined
          ? Effect.fail(invalid())
          : settled(
              () => server.moveBlocked(id, term, "sync"),
              () => id
            )
      }),
    removeBlockedTime: (id) =>
      ask(`unblock ${id}`, true, () =>
        settled(
          () => server.unblock(id, "sync"),
          () => id
        )
      )
  }
}

/** One practice calendar. @param resurrects - whether a write that nothing is compared with makes anew what was removed. */
export const practiceOf = (
  server: PracticeServer,
  network: Network,
  process: Process,
  chance: Prng,
  ledger: Ledger,
  resurrects: boolean
): PracticeCalendar["Service"] => {
  const fault = (reason: Fault, retryAfterMs?: number) =>
    new PracticeError({ reason, problem: "simulated", ...(retryAfterMs === undefined ? {} : { retryAfterMs }) })
  const ask = <A, E>(name: string, isWrite: boolean, work: () => Effect.Effect<A, E>) =>
    network.send(process, { side: "practice", server: server.name, name, isWrite, fault }, work)
  const goOn = <A, E>(name: string, isWrite: boolean, work: () => Effect.Effect<A, E>) =>
    network.send(process, { side: "practice", server: server.name, name, isWrite, fault, isContinued: true }, work)
  const refOf = ({ etag, href }: EventRow) => ({ href, etag })
  const shown = (row: EventRow, window: { readonly fromMs: number; readonly toMs: number }) => {
    if (row.isMalformed !== true) ledger.told(row.uid)
    return itemOf(row, window, server.tellsUids)
  }
  const unreadable = () => new ItemRefused({ problem: "simulated" })
  const changed = (content: EventContent, { mark, status, term, text }: AppointmentChange): EventContent => ({
    ...content,
    ...(term === undefined ? {} : { term }),
    ...(text === undefined ? {} : { text }),
    ...(mark === undefined ? {} : { mark }),
    ...(status === undefined
      ? {}
      : { status: status === "CANCELLED" ? "cancelled" : "confirmed", didNotCome: status === "DID_NOT_COME" })
  })

  // Where nothing can be compared by the server it is read, compared, written and read back (calendars.md).
  const unchanged = (ref: ItemRef) =>
    ask(`look ${ref.href}`, false, () =>
      Effect.gen(function* () {
        const row = server.rows.get(ref.href)
        if (row === undefined) return yield* new ItemNotFound({})
        if (row.isMalformed === true) return yield* unreadable()
        return isOf(ref.etag, row) ? { row, order: ledger.order() } : yield* new ItemChanged({})
      })
    )
  const readBack = (href: string, change: AppointmentChange) =>
    goOn(`look ${href}`, false, () =>
      Effect.sync((): ItemRef | undefined => {
        const row = server.rows.get(href)
        if (row === undefined || row.isMalformed === true) return undefined
        const isShown = JSON.stringify(changed(row.content, change)) === JSON.stringify(row.content)
        return isShown ? refOf(row) : undefined
      })
    ).pipe(Effect.mapError(({ retryAfterMs }) => fault("OutcomeUnknown", retryAfterMs)))

  /** Tells items a few at a time: what changes meanwhile is told as it is by then. */
  const listing = (
    hrefs: ReadonlyArray<string>,
    end: (isCut: boolean) => Listed,
    window: { readonly fromMs: number; readonly toMs: number },
    isChanges: boolean
  ): Stream.Stream<Listed, PracticeError> => {
    const isCut = chance.chance(network.weather.truncated)
    const kept = isCut ? hrefs.slice(0, chance.int(0, hrefs.length)) : hrefs
    // Some answers end in an error, and some just end.
    const fails = isCut && chance.chance(0.5)
    const chunks: Array<ReadonlyArray<string>> = []
    for (let at = 0; at < kept.length; at += 4) chunks.push(kept.slice(at, at + 4))
    const items = Stream.mapEffect(Stream.fromIterable(chunks), (chunk) =>
      ask(`get ${chunk.length}`, false, () =>
        Effect.sync(
          (): Listed => ({
            _tag: "Items",
            items: chunk.flatMap((href): ReadonlyArray<PracticeItem> => {
              const row = server.rows.get(href)
              if (row !== undefined) return [shown(row, window)]
              return isChanges ? [{ _tag: "Removed", href }] : []
            })
          })
        )
      )
    )
    const last = Stream.suspend(() =>
      fails
        ? Stream.fail(new PracticeError({ reason: "MalformedResponse", problem: "simulated" }))
        : Stream.succeed(end(isCut))
    )
    return Stream.concat(items, last)
  }

  return {
    list: (window) =>
      Stream.unwrap(
        ask("list", false, () =>
          Effect.sync(() => {
            const token = server.token()
            const hasToken = server.since(token) !== undefined
            return listing(
              [...server.rows.keys()],
              (isCut) => ({
                _tag: "End",
                coverage: isCut ? "unknown" : "complete",
                ...(hasToken && !isCut ? { token } : {})
              }),
              window,
              false
            )
          })
        )
      ),
    changes: (token, window) =>
      Stream.unwrap(
        ask(`changes ${token}`, false, () =>
          Effect.suspend(() => {
            const changed = server.since(token)
            if (changed === undefined) return Effect.fail(new SyncTokenInvalid({}))
            const next = server.token()
            return Effect.succeed(
              listing(
                changed.map(({ href }) => href),
                // What was cut off is asked for again from the same place on.
                (isCut) => ({ _tag: "End", coverage: isCut ? "unknown" : "complete", token: isCut ? token : next }),
                window,
                true
              )
            )
          })
        )
      ),
    read: (href, window) =>
      ask(`read ${href}`, false, () =>
        Effect.suspend(() => {
          const row = server.rows.get(href)
          if (row === undefined) return Effect.fail(new ItemNotFound({}))
          return Effect.succeed(shown(row, window))
        })
      ),
    create: ({ mark, status, term, text, uid }) => {
      const content: EventContent = {
        term,
        text,
        mark,
        status: status === "CANCELLED" ? "cancelled" : "confirmed",
        didNotCome: status === "DID_NOT_COME",
        isTransparent: false,
        isPrivate: true,
        participation: "organizer",
        attendees: []
      }
      const made = ask(`create ${uid}`, true, () =>
        Effect.suspend((): Effect.Effect<ItemRef, ItemExists | ItemRefused> => {
          const made = server.create(uid, content, "sync")
          if (made === "exists") {
            const href = server.byUid(uid)?.href
            return Effect.fail(new ItemExists(href === undefined ? {} : { href }))
          }
          return made === "used"
            ? Effect.fail(new ItemRefused({ problem: "this UID was used before" }))
            : Effect.succeed(refOf(made))
        })
      )
      if (!server.isWeak) return made
      return Effect.flatMap(made, ({ href }) =>
        Effect.flatMap(readBack(href, { mark, status, term, text }), (at) =>
          at === undefined ? Effect.fail(fault("OutcomeUnknown")) : Effect.succeed(at)
        )
      )
    },
    update: (ref, change) => {
      const name = `update ${ref.href} ${JSON.stringify(change.term ?? null)} ${change.status ?? ""}`
      if (server.isWeak) {
        return Effect.gen(function* () {
          const { order, row } = yield* unchanged(ref)
          const content = changed(row.content, change)
          if (JSON.stringify(content) === JSON.stringify(row.content)) return ref
          yield* goOn(name, true, () =>
            Effect.suspend((): Effect.Effect<void, ItemNotFound> => {
              // One that was moved to another calendar would be in both.
              if (!server.rows.has(ref.href) && !resurrects) return Effect.fail(new ItemNotFound({}))
              ledger.replacing(row, order)
              return Effect.sync(() => void server.overwrite(row, content))
            })
          )
          return (yield* readBack(ref.href, change)) ?? (yield* new ItemChanged({}))
        })
      }
      return ask(name, true, () =>
        Effect.suspend((): Effect.Effect<ItemRef, ItemChanged | ItemNotFound | ItemRefused> => {
          const row = server.rows.get(ref.href)
          if (row === undefined) return Effect.fail(new ItemNotFound({}))
          if (row.isMalformed === true) return Effect.fail(unreadable())
          if (row.etag !== ref.etag) return Effect.fail(new ItemChanged({}))
          const content = changed(row.content, change)
          if (JSON.stringify(content) === JSON.stringify(row.content)) return Effect.succeed(refOf(row))
          const next = server.update(ref.href, content, "sync")
          return next === undefined ? Effect.fail(new ItemNotFound({})) : Effect.succeed(refOf(next))
        })
      )
    },
    remove: (ref) => {
      const name = `remove ${ref.href}`
      if (server.isWeak) {
        const gone = goOn(name, true, () =>
          Effect.suspend(() => (server.remove(ref.href, "sync") ? Effect.void : Effect.fail(new ItemNotFound({}))))
        )
        return Effect.andThen(unchanged(ref), gone)
      }
      return ask(name, true, () =>
        Effect.suspend((): Effect.Effect<void, ItemChanged | ItemNotFound> => {
          const row = server.rows.get(ref.href)
          if (row === undefined) return Effect.fail(new ItemNotFound({}))
          if (row.etag !== ref.etag) return Effect.fail(new ItemChanged({}))
          server.remove(ref.href, "sync")
          return Effect.void
        })
      )
    }
  }
}
