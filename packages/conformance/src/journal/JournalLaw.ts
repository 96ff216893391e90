/** A law of the sync's journal: one sentence of its port, as an Effect that fails where a journal does not keep it. */
import {
  FacilityKey,
  type Journal,
  type JournalChange,
  type JournalError,
  type Lease,
  type LeaseLost
} from "@bookio-kit/core/sync/Journal"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Result from "effect/Result"
import { claimEqual } from "../internal/Expect.ts"
import { LawFailure } from "../Law.ts"

/** What a law is tried on. */
export interface JournalSubject {
  readonly journal: Journal["Service"]
  /** How the journal's clock goes on. */
  readonly pass: (ms: number) => Effect.Effect<void>
}

export interface JournalLaw {
  readonly name: `MUST ${string}`
  readonly run: (subject: JournalSubject) => Effect.Effect<void, LawFailure>
}

/** A facility of its own, for each law, with its lease for a minute. */
export interface Bench {
  readonly journal: Journal["Service"]
  readonly pass: JournalSubject["pass"]
  readonly facility: FacilityKey
  readonly lease: Lease
  /** Commits under the lease. */
  readonly commit: (...changes: ReadonlyArray<JournalChange>) => ReturnType<Journal["Service"]["commit"]>
}

/** How the laws take a lease. */
export const options = (owner: string) => ({ owner, durationMs: 60_000, graceMs: 10_000 })

/** A key that no other law has. */
export const freshFacility = Effect.map(Effect.all([Random.nextInt, Random.nextInt]), ([a, b]) =>
  FacilityKey.make(`law ${a} ${b}`)
)

/** Makes a law; an error that it does not ask for breaks it. */
export const law = (
  name: JournalLaw["name"],
  body: (bench: Bench) => Effect.Effect<void, LawFailure | { readonly _tag: string; readonly message: string }>
): JournalLaw => ({
  name,
  run: ({ journal, pass }) =>
    Effect.gen(function* () {
      const facility = yield* freshFacility
      const lease = yield* journal.acquire(facility, options("law"))
      yield* body({ journal, pass, facility, lease, commit: (...changes) => journal.commit(lease, changes) })
    }).pipe(
      Effect.mapError((error) =>
        error instanceof LawFailure
          ? error
          : new LawFailure({ problem: `what must succeed was answered with ${error._tag} ${error.message}` })
      )
    )
})

/** An item that is settled: a reservation of both sides, which ended at 1000. */
export const item = (id: number, members: Partial<SyncItem> = {}): SyncItem => {
  const state = { term: { startMs: 0, endMs: 1000 }, status: "CONFIRMED", text: `Person ${id}` } as const
  return {
    id,
    kind: "reservation",
    calendar: "doctor",
    occurrence: "",
    part: "",
    generation: 0,
    base: state,
    bookio: { state, missing: 0, atMs: 1 },
    practice: { state, missing: 0, atMs: 2 },
    needsSync: false,
    isOwn: false,
    late: [],
    endMs: 1000,
    ...members
  }
}

/** The change that puts an item. */
export const put = (put: SyncItem): JournalChange => ({ _tag: "Put", item: put })

/** Claims which items a read gives, in their order. */
export const claimIds = Effect.fnUntraced(function* <E>(
  read: Effect.Effect<ReadonlyArray<SyncItem>, E>,
  expected: ReadonlyArray<number>,
  what: string
) {
  yield* claimEqual(
    (yield* read).map(({ id }) => id),
    expected,
    what
  )
})

/** The refusal of what must be refused. */
export const refusal = <A, E>(effect: Effect.Effect<A, E>, what: string): Effect.Effect<E, LawFailure> =>
  Effect.flatMap(Effect.result(effect), (answer) =>
    Result.isFailure(answer)
      ? Effect.succeed(answer.failure)
      : Effect.fail(new LawFailure({ problem: `${what} was accepted, not refused` }))
  )

/** Claims that a lease is refused, or what is done under it. */
export const claimLost = Effect.fnUntraced(function* <A>(
  effect: Effect.Effect<A, LeaseLost | JournalError>,
  what: string
): Effect.fn.Return<LeaseLost, LawFailure> {
  const error = yield* refusal(effect, what)
  if (error._tag === "LeaseLost") return error
  return yield* new LawFailure({ problem: `${what} was answered with ${error.message}, not LeaseLost` })
})
