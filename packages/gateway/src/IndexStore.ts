/**
 * The port of what a gateway knows about ids: which facility each belongs to, and how far each facility's listings have
 * been read for that. It is about one upstream server; what is stored is never wrong, only incomplete.
 */
import type { BackendError } from "@bookio-kit/core/error/BackendError"
import type { FacilityId } from "@bookio-kit/core/scalar/Id"
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

/** What ids are of. */
export type IdKind = "calendar" | "service" | "reservation" | "blockedTime"

/** When a facility's listing was begun that was read last, whole or for its changes, in Unix milliseconds. */
export interface Progress {
  readonly wholeMs: number
  readonly changesMs: number
}

export class IndexStore extends Context.Service<
  IndexStore,
  {
    /** The facility of an id, where it is known. @errors `BackendError` when the store fails. */
    readonly find: (kind: IdKind, id: number) => Effect.Effect<FacilityId | undefined, BackendError>
    /** Stores the facility of ids, in place of what is stored of them. Durable when it ends. @errors as `find`. */
    readonly put: (
      kind: IdKind,
      facilityId: FacilityId,
      ids: ReadonlyArray<number>
    ) => Effect.Effect<void, BackendError>
    /** @errors as `find`. */
    readonly progress: (kind: IdKind, facilityId: FacilityId) => Effect.Effect<Progress | undefined, BackendError>
    /** @errors as `find`. */
    readonly setProgress: (
      kind: IdKind,
      facilityId: FacilityId,
      progress: Progress
    ) => Effect.Effect<void, BackendError>
  }
>()("@bookio-kit/gateway/IndexStore") {}

/** A store that lasts as long as the process. */
export const layerMemory: Layer.Layer<IndexStore> = Layer.sync(IndexStore)(() => {
  const facilities = new Map<string, FacilityId>()
  const read = new Map<string, Progress>()
  return IndexStore.of({
    find: (kind, id) => Effect.sync(() => facilities.get(`${kind} ${id}`)),
    put: (kind, facilityId, ids) =>
      Effect.sync(() => {
        for (const id of ids) facilities.set(`${kind} ${id}`, facilityId)
      }),
    progress: (kind, facilityId) => Effect.sync(() => read.get(`${kind} ${facilityId}`)),
    setProgress: (kind, facilityId, progress) =>
      Effect.sync(() => {
        read.set(`${kind} ${facilityId}`, progress)
      })
  })
})
