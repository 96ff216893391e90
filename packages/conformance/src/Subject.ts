/**
 * What the laws are tried on: a backend seen by several callers, one of its facilities, and how its clock goes on. An
 * author of an adapter gives layers of core's ports, one for each caller; a caller that is left out leaves the laws that
 * need it "not run", which the report tells.
 */
import { Caller } from "@bookio-kit/core/access/Caller"
import type { Capabilities } from "@bookio-kit/core/backend/Capabilities"
import type { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import type { Calendars } from "@bookio-kit/core/calendar/Calendars"
import type { Events } from "@bookio-kit/core/event/Events"
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import type { Facility } from "@bookio-kit/core/facility/Facility"
import type { Reservations } from "@bookio-kit/core/reservation/Reservations"
import type { FacilityId } from "@bookio-kit/core/scalar/Id"
import type { Slots } from "@bookio-kit/core/slot/Slots"
import * as Context from "effect/Context"
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { describeError } from "./internal/Describe.ts"

/** The ports that laws use. */
export type Ports = Facilities | Calendars | Reservations | BlockedTimes | Slots | Events | Capabilities

/** A caller with the ports that serve it. */
export type Party = Context.Context<Ports | Caller>

/** A layer of a caller with the ports that serve it. */
export type PartyLayer<E = never, R = never> = Layer.Layer<Ports | Caller, E, R>

/** The callers of a subject. */
export interface Parties<P> {
  /** May do everything (access `write`). */
  readonly first: P
  /** Another channel that reaches the facility too, with access `write`. */
  readonly second?: P
  /** Another channel that does not reach the facility, with access `write` to at least one other. */
  readonly stranger?: P
  /** Another channel than the first one's, that reaches the facility with access `book`. */
  readonly booker?: P
  /** A caller with access `read`, for backends that know such callers by their token. */
  readonly reader?: P
  /** A caller whose token is not valid, for backends that check tokens behind the ports. */
  readonly intruder?: P
}

export class Subject extends Context.Service<
  Subject,
  Parties<Party> & {
    /** The facility that the laws write to; `undefined` where the first caller reaches none. */
    readonly facility: Facility | undefined
    /** Lets the backend's clock go on by this many milliseconds, at least. */
    readonly pass: (ms: number) => Effect.Effect<void>
    /** How far the backend's clock may be from ours, in milliseconds. */
    readonly clockToleranceMs: number
  }
>()("@bookio-kit/conformance/Subject") {}

/** What subjects have in common. */
export interface SubjectOptions {
  /** The facility that laws write to; the first that is listed where left out. */
  readonly facilityId?: FacilityId
  /** How the backend's clock goes on; by waiting where left out. */
  readonly pass?: (ms: number) => Effect.Effect<void>
  /** In milliseconds; none where left out, for a backend on this machine. */
  readonly clockToleranceMs?: number
}

/** There is nothing to try laws on: the backend does not answer, or the facility is not one of the first caller's. */
export class SubjectError extends Data.TaggedError("SubjectError")<{ readonly problem: string }> {
  override get message() {
    return this.problem
  }
}

/** Who asks, as `Caller` has it; the laws choose the language. */
export type CallerOptions = Omit<Caller["Service"], "language">

/** A layer of who asks. */
export const caller = (options: CallerOptions): Layer.Layer<Caller> =>
  Layer.succeed(Caller)({ ...options, language: "en" })

const optional = <P extends string, A>(name: P, value: A | undefined) =>
  (value === undefined ? {} : { [name]: value }) as { readonly [K in P]?: A }

/** Makes something of each caller that is given. */
const eachParty = Effect.fnUntraced(function* <A, B, E, R>(
  { booker, first, intruder, reader, second, stranger }: Parties<A>,
  make: (party: A) => Effect.Effect<B, E, R>
): Effect.fn.Return<Parties<B>, E, R> {
  const made = (party: A | undefined) =>
    party === undefined ? Effect.succeed(undefined) : (make(party) as Effect.Effect<B | undefined, E, R>)
  return {
    first: yield* make(first),
    ...optional("second", yield* made(second)),
    ...optional("stranger", yield* made(stranger)),
    ...optional("booker", yield* made(booker)),
    ...optional("reader", yield* made(reader)),
    ...optional("intruder", yield* made(intruder))
  }
})

const makeSubject = Effect.fnUntraced(function* (
  parties: Parties<Party>,
  { clockToleranceMs = 0, facilityId, pass = (ms) => Effect.sleep(ms) }: SubjectOptions
) {
  const listed = yield* Effect.flatMap(Facilities, (port) => port.list).pipe(
    Effect.provide(parties.first),
    Effect.mapError(
      (error) => new SubjectError({ problem: `the facilities cannot be listed: ${describeError(error)}` })
    )
  )
  const facility = facilityId === undefined ? listed[0] : listed.find((candidate) => candidate.id === facilityId)
  if (facilityId !== undefined && facility === undefined) {
    return yield* new SubjectError({ problem: `the first caller does not reach facility ${facilityId}` })
  }
  return Subject.of({ ...parties, facility, pass, clockToleranceMs })
})

/**
 * A subject whose callers have ports of their own, such as clients with a token each. Nothing is shared among them: each
 * layer is built by itself.
 *
 * @errors those of the layers; `SubjectError` where the facilities cannot be listed or the named one is not among them.
 */
export const layer = <E, R>(
  options: Parties<PartyLayer<E, R>> & SubjectOptions
): Layer.Layer<Subject, E | SubjectError, R> =>
  Layer.effect(Subject)(
    Effect.gen(function* () {
      const parties = yield* eachParty(options, (party: PartyLayer<E, R>) => Layer.build(Layer.fresh(party)))
      return yield* makeSubject(parties, options)
    })
  )

/**
 * A subject whose callers share the ports of one backend, which is told who asks by `Caller` alone.
 *
 * @errors as `layer`.
 */
export const layerCallers = <E, R>(
  ports: Layer.Layer<Ports, E, R>,
  options: Parties<CallerOptions> & SubjectOptions
): Layer.Layer<Subject, E | SubjectError, R> =>
  Layer.effect(Subject)(
    Effect.gen(function* () {
      const shared = yield* Layer.build(ports)
      const parties = yield* eachParty(options, (given: CallerOptions) =>
        Effect.succeed(Context.add(shared, Caller, { ...given, language: "en" }))
      )
      return yield* makeSubject(parties, options)
    })
  )
