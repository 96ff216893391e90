/** Core's port of free slots over HTTP: the extension of bookio-kit's servers (api.md, "Extension"). */
import { EndpointNotFound } from "@bookio-kit/core/error/Refusal"
import { Slots } from "@bookio-kit/core/slot/Slots"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { ExtensionApi } from "./Account.ts"
import { BookioClient } from "./BookioClient.ts"
import { only, responseMode, successOf } from "./Operations.ts"

const success = successOf(ExtensionApi.groups.extension.endpoints.listSlots)

/** Fails with `EndpointNotFound` where the client was told of no extension, and where the server turns out to have none. */
export const layer: Layer.Layer<Slots, never, BookioClient> = Layer.effect(Slots)(
  Effect.map(BookioClient, ({ extension, read }) =>
    Slots.of({
      list: Effect.fn("Slots.list")(function* (slots) {
        if (extension === undefined) return yield* new EndpointNotFound()
        const { data } = yield* read({
          operation: "listSlots",
          success,
          send: (lang) => extension.extension.listSlots({ query: { ...slots, ...lang }, responseMode })
        }).pipe(only("PermissionDenied", "ResourceNotFound", "EndpointNotFound", "InvalidToken"))
        return data.slots
      })
    })
  )
)
