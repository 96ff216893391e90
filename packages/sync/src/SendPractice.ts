/** Writes one change into a practice calendar, conditional on what was read of it, so that a repeat does no harm. */
import type {
  ItemChanged,
  ItemExists,
  ItemNotFound,
  ItemRef,
  ItemRefused,
  PracticeError
} from "@bookio-kit/core/sync/PracticeCalendar"
import type { Intention, SyncItem } from "@bookio-kit/core/sync/SyncItem"
import * as Effect from "effect/Effect"
import { markOf } from "./Identity.ts"
import type { CalendarPlan } from "./Plan.ts"
import { count, type Run } from "./Run.ts"

/**
 * `Done` with where the item is now. `Stale`: the calendar shows something else than was read of the item; what it shows
 * must be read first. `Taken`: there is an event of this UID. `Refused`: for good. `Unknown`: it may have happened.
 */
export type Written =
  | { readonly _tag: "Done"; readonly at: ItemRef | undefined }
  | { readonly _tag: "Stale" }
  | { readonly _tag: "Missing" }
  | { readonly _tag: "Taken"; readonly href: string | undefined }
  | { readonly _tag: "Refused"; readonly problem: string; readonly etag: string | undefined }
  | { readonly _tag: "Unknown"; readonly error: PracticeError }

const recordOf = ({ kind }: SyncItem) => (kind === "mirror" ? "blockedTime" : "reservation")

/** Sends an intention. @errors `PracticeError` where the calendar as a whole cannot be written, and nothing was. */
export const sendPractice = Effect.fnUntraced(function* (
  run: Run,
  calendar: CalendarPlan,
  item: SyncItem,
  { action, from, target, uid }: Intention
): Effect.fn.Return<Written, PracticeError> {
  const down = run.down.get(calendar.name)
  if (down !== undefined) return yield* down
  count(run, "writes")
  const { timeZone } = run.directory
  const ref: ItemRef = { href: item.href ?? "", etag: item.etag ?? "" }
  const named = { kind: recordOf(item), facilityId: run.plan.facilityId, id: item.bookioId ?? 0 } as const
  const mark = (of: string) => markOf(run.journal.secret, of, named, item.writes ?? 0)
  const sent: Effect.Effect<
    ItemRef | undefined,
    ItemExists | ItemChanged | ItemNotFound | ItemRefused | PracticeError
  > =
    action === "remove" || target === undefined
      ? Effect.as(calendar.practice.remove(ref), undefined)
      : action === "create"
        ? calendar.practice.create({ ...target, uid: uid ?? "", mark: mark(uid ?? "") }, timeZone)
        : calendar.practice.update(
            ref,
            {
              ...(from?.term.startMs === target.term.startMs && from.term.endMs === target.term.endMs
                ? {}
                : { term: target.term }),
              ...(from?.status === target.status ? {} : { status: target.status }),
              ...(item.isOwn || from?.text === target.text ? {} : { text: target.text }),
              ...(item.uid === undefined ? {} : { mark: mark(item.uid) })
            },
            timeZone
          )
  return yield* Effect.matchEffect(sent, {
    onSuccess: (at): Effect.Effect<Written, PracticeError> => Effect.succeed({ _tag: "Done", at }),
    onFailure: (error): Effect.Effect<Written, PracticeError> => {
      switch (error._tag) {
        case "ItemExists":
          return Effect.succeed({ _tag: "Taken", href: error.href })
        case "ItemChanged":
          return Effect.succeed({ _tag: "Stale" })
        case "ItemNotFound":
          // What is not there need not be removed.
          return Effect.succeed(action === "remove" ? { _tag: "Done", at: undefined } : { _tag: "Missing" })
        case "ItemRefused":
          return Effect.succeed({ _tag: "Refused", problem: error.problem, etag: error.etag })
        case "PracticeError":
          return error.reason === "OutcomeUnknown" ? Effect.succeed({ _tag: "Unknown", error }) : Effect.fail(error)
      }
    }
  })
})
