/** `bookio events listen`. */
import { EventId } from "@bookio-kit/core/event/Event"
import { type EventPage, type EventQuery, Events } from "@bookio-kit/core/event/Events"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import { Backend, withBackend } from "../../Backend.ts"
import type { Given } from "../../Command.ts"
import { facilitiesOf } from "../../Facility.ts"
import { usageError } from "../../Failure.ts"
import { Invocation } from "../../Invocation.ts"
import { note, print } from "../../output/Output.ts"
import { forward, readUrl } from "./Forward.ts"
import { readState, writeState } from "./State.ts"
import type { listen } from "./specs.ts"

const behind = (id: number | undefined): Pick<EventQuery, "after"> =>
  id === undefined || id === 0 ? {} : { after: EventId.make(id) }

/** Pages up to the end of the feed. */
const untilEnd = (events: Events["Service"], query: EventQuery) =>
  Stream.paginate(query, (at) =>
    Effect.map(events.list(at), (page) => {
      const next = { ...at, ...behind(page.last) }
      return [[page], page.events.length === 0 ? Option.none() : Option.some(next)] as const
    })
  )

/** Runs the command. */
export const run = ({ flags }: Given<typeof listen>) =>
  withBackend(
    Effect.gen(function* () {
      const { globals } = yield* Invocation
      if (globals.csv || globals.jq !== undefined) return yield* usageError("events are printed as a line of JSON each")
      const { target } = yield* Backend
      const feed = target._tag === "Remote" ? target.baseUrl : target.filename
      const url = flags.forwardTo === undefined ? undefined : yield* readUrl(flags.forwardTo)
      const { query } = yield* facilitiesOf(flags.facility)
      const events = yield* Events
      const kept = flags.state === undefined ? undefined : yield* readState(flags.state, feed)
      const after = flags.after ?? kept ?? (yield* events.newest) ?? 0
      const take = Effect.fnUntraced(function* ({ events: found, hasGap, last }: EventPage) {
        if (hasGap) {
          yield* note("bookio: changes are missing here, for they are no longer kept: list what you need anew")
          yield* print(`${JSON.stringify({ kind: "gap" })}\n`)
        }
        for (const event of found) {
          if (url !== undefined) yield* forward(url, event)
          yield* print(`${JSON.stringify(event)}\n`)
          if (flags.state !== undefined) yield* writeState(flags.state, feed, event.id)
        }
        if (flags.state !== undefined && last !== undefined) yield* writeState(flags.state, feed, last)
      })
      const from = { ...query, ...behind(after) }
      yield* Stream.runForEach(flags.once ? untilEnd(events, from) : events.follow(from), take)
    })
  )
