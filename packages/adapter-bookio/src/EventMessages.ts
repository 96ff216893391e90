/**
 * The change feed as bookio-kit's servers write it (Server-Sent Events, WHATWG HTML, 9.2), read into pages: one for what
 * arrives together. What a newer server may add is passed over.
 */
import { BackendError } from "@bookio-kit/core/error/BackendError"
import { Event, EventId } from "@bookio-kit/core/event/Event"
import type { EventPage } from "@bookio-kit/core/event/Events"
import { fromDecimal } from "@bookio-kit/core/scalar/Parameters"
import * as Effect from "effect/Effect"
import * as Sse from "effect/encoding/Sse"
import type { HttpClientResponse } from "effect/http/HttpClientResponse"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { NoAnswer } from "./Failures.ts"
import { silenceOf } from "./Transport.ts"

/** The most characters of one event; ours have less than 300. */
export const maxEventSize = 64 * 1024

// A server says something every 15 seconds; one that is silent for so long is gone, whatever the connection says.
const silentAfter = "45 seconds"

/** What arrived together: a page, and whether the server has told all that there was. */
export interface Batch extends EventPage {
  readonly isEnd: boolean
}

const decodeId = Schema.decodeUnknownOption(fromDecimal(EventId))
const decodeEvent = Schema.decodeUnknownOption(Schema.fromJsonString(Event))
const kinds: ReadonlySet<string> = new Set(
  Event.members.flatMap(({ fields }) => fields.kind.literals as ReadonlyArray<string>)
)

const malformed = new BackendError({ reason: "MalformedResponse" })

const batchOf = (messages: ReadonlyArray<Sse.Event>): Effect.Effect<Batch, BackendError> =>
  Effect.suspend(() => {
    const events: Array<Event> = []
    let hasGap = false
    let isEnd = false
    for (const { data, event: name } of messages) {
      if (kinds.has(name)) {
        const event = decodeEvent(data)
        if (Option.isNone(event)) return Effect.fail(malformed)
        events.push(event.value)
      }
      hasGap ||= name === "gap"
      isEnd = name === "position"
    }
    const last = Option.getOrUndefined(decodeId(messages.at(-1)?.id))
    return Effect.succeed({ events, hasGap, isEnd, ...(last === undefined ? {} : { last }) })
  })

/** The batches of an answer; its end is theirs. @errors `BackendError` where it breaks off, or is not such a stream. */
export const batches = (response: HttpClientResponse): Stream.Stream<Batch, BackendError> =>
  Stream.suspend(() => {
    const messages: Array<Sse.Event> = []
    const parser = Sse.makeParser((message) => message._tag === "Event" && messages.push(message), { maxEventSize })
    return response.stream.pipe(
      Stream.mapError(
        (error) =>
          new BackendError({ reason: "Unreachable", cause: new NoAnswer({ code: silenceOf(error).code ?? "CUT" }) })
      ),
      Stream.timeout(silentAfter),
      Stream.decodeText(),
      Stream.mapEffect((text) => {
        if (parser.feed(text) !== undefined) return Effect.fail(malformed)
        return Effect.succeed(messages.splice(0))
      }),
      Stream.filter((arrived) => arrived.length > 0),
      Stream.mapEffect(batchOf)
    )
  })
