/** Core's port of blocked times. Rows name no facility, so they are listed by facility always. */
import type { BlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import { type BlockedTimeQuery, BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import type { Page } from "@bookio-kit/core/page/Page"
import type { BlockedTimeId } from "@bookio-kit/core/scalar/Id"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { madeBefore } from "./Attempt.ts"
import { listing } from "./Listing.ts"
import { allow, cached, parts, targetsOf } from "./Reading.ts"
import type { Session } from "./Session.ts"

export const layer = Layer.effect(BlockedTimes)(
  Effect.map(parts, (given) => {
    const { cache, index, lifetimes, upstream } = given

    const ask = (session: Session, query: BlockedTimeQuery) =>
      upstream.read(
        session,
        Effect.flatMap(BlockedTimes, ({ list }) => list(query))
      )
    const listed = listing(index, "blockedTime", ask)

    const change = Effect.fnUntraced(function* <A, E, R>(blockedTimeId: BlockedTimeId, use: Effect.Effect<A, E, R>) {
      const session = yield* given.session
      const facilityId = yield* index.facilityOf(session, "blockedTime", blockedTimeId)
      return yield* cache.write(facilityId === undefined ? "all" : [facilityId], upstream.write(session, use))
    })

    return BlockedTimes.of({
      list: Effect.fn("BlockedTimes.list")(function* (query) {
        const session = yield* given.session
        yield* allow(session, query.facilityId)
        const targets = targetsOf(session, query.facilityId)
        const fill = listed(session, targets, query)
        if (query.lastSync !== undefined) return yield* fill
        return yield* cached<Page<BlockedTime>, Effect.Error<typeof fill>, Effect.Services<typeof fill>>(
          given,
          session,
          {
            operation: "listBlockedTimes",
            query,
            concerned: targets ?? "all",
            lifetimeMs: lifetimes.rowsMs,
            mayBeStale: false,
            rows: ({ rows }) => rows.length
          },
          fill
        )
      }),
      create: Effect.fn("BlockedTimes.create")(function* (blockedTime) {
        const { externalId, facilityId } = blockedTime
        const session = yield* given.session
        yield* allow(session, facilityId)
        const earlier = yield* madeBefore(externalId, (query) => ask(session, { ...query, facilityId }))
        if (earlier !== undefined) {
          yield* index.learn("blockedTime", facilityId, [earlier.id])
          return { blockedTimeId: earlier.id, externalId }
        }
        const use = Effect.flatMap(BlockedTimes, ({ create }) => create(blockedTime))
        const written = yield* cache.write([facilityId], upstream.write(session, use))
        yield* index.learn("blockedTime", facilityId, [written.blockedTimeId])
        return written
      }),
      changeTerm: Effect.fn("BlockedTimes.changeTerm")(function* (blockedTimeId, term) {
        return yield* change(
          blockedTimeId,
          Effect.flatMap(BlockedTimes, ({ changeTerm }) => changeTerm(blockedTimeId, term))
        )
      }),
      remove: Effect.fn("BlockedTimes.remove")(function* (blockedTimeId) {
        return yield* change(
          blockedTimeId,
          Effect.flatMap(BlockedTimes, ({ remove }) => remove(blockedTimeId))
        )
      })
    })
  })
)
