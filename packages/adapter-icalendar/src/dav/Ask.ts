/** The questions that a calendar is asked, with answers that are a whole multistatus or an error. */
import type { PracticeError } from "@bookio-kit/core/sync/PracticeCalendar"
import * as Effect from "effect/Effect"
import type { DavAnswer, DavClient } from "./Client.ts"
import { failure, malformed } from "./Failures.ts"
import { type Multistatus, readMultistatus } from "./Multistatus.ts"
import { propfind } from "./Names.ts"

/** A multistatus that was read to its end. @errors `PracticeError` for any other answer. */
export const understood = Effect.fnUntraced(function* (
  client: DavClient,
  answer: DavAnswer
): Effect.fn.Return<Multistatus, PracticeError> {
  if (answer.status !== 207) return yield* Effect.flatMap(failure(client, answer), Effect.fail)
  if (answer.ended === "tooLong") {
    return yield* malformed(client, `it is longer than ${client.options.maxAnswerBytes} bytes`)
  }
  if (answer.ended === "cut") return yield* malformed(client, "it ended early")
  return yield* Effect.mapError(readMultistatus(answer.bytes), ({ problem }) => malformed(client, problem))
})

/** Properties of a resource, or of it and its members. */
export const properties = (client: DavClient, url: URL, depth: "0" | "1", names: ReadonlyArray<string>) =>
  client.send({ method: "PROPFIND", url, depth, body: propfind(names) })
