/** Core's port of blocked times over HTTP. A write whose outcome is unknown is settled by externalId or by id. */
import type { BlockedTime } from "@bookio-kit/core/blocked-time/BlockedTime"
import { type BlockedTimeRef, BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { BookioClient } from "./BookioClient.ts"
import { CurrentIdempotencyKey, headersOf } from "./CurrentIdempotencyKey.ts"
import * as Listing from "./Listing.ts"
import { ambiguous, settleBy } from "./LookUp.ts"
import { blockedTimes, listBlockedTimes, only, responseMode, successOf } from "./Operations.ts"
import type { Settled } from "./Retry.ts"
import { showsTerm } from "./Terms.ts"

const { changeBlockedTimeTerm, createBlockedTime, removeBlockedTime } = blockedTimes.endpoints
const createSuccess = successOf(createBlockedTime)
const termSuccess = successOf(changeBlockedTimeTerm)
const removeSuccess = successOf(removeBlockedTime)

const refOf = ({ externalId, id }: BlockedTime): BlockedTimeRef =>
  externalId === undefined ? { blockedTimeId: id } : { blockedTimeId: id, externalId }

const done = <A>(data: A): Settled<A> => ({ _tag: "Done", data })

const createErrors = only("ValidationError", "DuplicateReservation", "PermissionDenied", "InvalidToken")
const changeErrors = only("ValidationError", "ResourceNotFound", "PermissionDenied", "InvalidToken")
const removeErrors = only("ResourceNotFound", "PermissionDenied", "InvalidToken")

type Lang = { readonly lang: string }

export const layer: Layer.Layer<BlockedTimes, never, BookioClient> = Layer.effect(BlockedTimes)(
  Effect.map(BookioClient, (client) =>
    BlockedTimes.of({
      list: Effect.fn("BlockedTimes.list")((query) => listBlockedTimes(client, query)),
      create: Effect.fn("BlockedTimes.create")(function* (payload) {
        const headers = headersOf(yield* CurrentIdempotencyKey)
        const { externalId, facilityId } = payload
        const settlement = yield* settleBy(
          client,
          (lastSync, deadlineMs) => Listing.blockedTimes({ facilityId, lastSync }, deadlineMs),
          (row) => (row.externalId === externalId ? done(refOf(row)) : undefined)
        )
        const call = {
          operation: "createBlockedTime",
          success: createSuccess,
          send: (query: Lang) => client.api.blockedTimes.createBlockedTime({ headers, query, payload, responseMode })
        }
        return (yield* createErrors(client.write(call, settlement))).data
      }),
      changeTerm: Effect.fn("BlockedTimes.changeTerm")(function* (blockedTimeId, payload) {
        // Rows name no facility, so all that the token reaches is looked at.
        const settlement = yield* settleBy(
          client,
          (lastSync, deadlineMs) => Listing.blockedTimes({ lastSync }, deadlineMs),
          (row): Settled<typeof termSuccess.Type.result.data> | undefined =>
            row.id !== blockedTimeId ? undefined : showsTerm(payload, row, 1) ? done({ blockedTimeId }) : ambiguous
        )
        const call = {
          operation: "changeBlockedTimeTerm",
          success: termSuccess,
          send: (query: Lang) =>
            client.api.blockedTimes.changeBlockedTimeTerm({ params: { blockedTimeId }, query, payload, responseMode })
        }
        yield* changeErrors(client.write(call, settlement))
        return { blockedTimeId }
      }),
      remove: Effect.fn("BlockedTimes.remove")(function* (blockedTimeId) {
        const call = {
          operation: "removeBlockedTime",
          success: removeSuccess,
          send: (query: Lang) =>
            client.api.blockedTimes.removeBlockedTime({ params: { blockedTimeId }, query, responseMode })
        }
        // An id stands for one thing only, so it cannot be removed twice.
        const settlement = {
          _tag: "Resend",
          isDone: (refusal: { readonly _tag: string }) => refusal._tag === "ResourceNotFound",
          data: { blockedTimeId }
        } as const
        return (yield* removeErrors(client.write(call, settlement))).data
      })
    })
  )
)
