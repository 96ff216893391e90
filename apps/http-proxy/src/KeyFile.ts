/**
 * The keys file of a gateway: read and checked at the start, and again whenever it has changed, so that a key is revoked
 * without a restart. A changed file that is wrong leaves the keys as they were, and is told in the log.
 */
import { stat } from "node:fs/promises"
import { SettingsError } from "@bookio-kit/core/settings/Settings"
import { decodeKeys } from "@bookio-kit/gateway/Keys"
import { KeyRing, keyRing } from "@bookio-kit/gateway/Sessions"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { readJsonFile } from "./JsonFile.ts"

const setting = "BOOKIO_GATEWAY_KEYS"
const lookEvery = "2 seconds"

export interface KeyFileOptions {
  /** Whether the upstream is watched for changes, with the upstream tokens of the keys. */
  readonly isPolled: boolean
}

/** Reads the file. @errors `SettingsError` for whatever is wrong with it, and where none is named. */
const readKeys = Effect.fnUntraced(function* (path: string | undefined, { isPolled }: KeyFileOptions) {
  if (path === undefined) {
    return yield* new SettingsError({
      problems: [`${setting} must be the path of a JSON file; BOOKIO_BACKEND=remote needs it`]
    })
  }
  const table = yield* decodeKeys(yield* readJsonFile(setting, path), path)
  if (table._tag === "Keys" || !isPolled) return table
  const problem = "passthrough: leaves no token to watch the upstream with; set no BOOKIO_GATEWAY_POLL beside it"
  return yield* new SettingsError({ problems: [`${setting}: ${path}: ${problem}`] })
})

// What tells that a file is another one than before; a file that is away for a moment is none.
const versionOf = (path: string) =>
  Effect.promise(() =>
    stat(path).then(
      ({ ino, mtimeMs, size }) => `${ino} ${mtimeMs} ${size}`,
      () => undefined
    )
  )

const watch = Effect.fnUntraced(function* (
  path: string,
  options: KeyFileOptions,
  ring: KeyRing["Service"],
  first: string | undefined
) {
  let known = first
  const look = Effect.gen(function* () {
    const version = yield* versionOf(path)
    if (version === undefined || version === known) return
    known = version
    yield* Effect.matchEffect(readKeys(path, options), {
      onSuccess: (table) =>
        Effect.andThen(
          Effect.sync(() => ring.replace(table)),
          Effect.logInfo("keys read again")
        ),
      onFailure: ({ problems }) =>
        Effect.logError("keys left as they were").pipe(Effect.annotateLogs({ problems: problems.join("; ") }))
    })
  })
  yield* Effect.forever(Effect.andThen(Effect.sleep(lookEvery), look))
})

/** The keys in force. @errors `SettingsError` for a file that is wrong at the start. */
export const layer = (path: string | undefined, options: KeyFileOptions) =>
  Layer.effect(KeyRing)(
    Effect.gen(function* () {
      const version = path === undefined ? undefined : yield* versionOf(path)
      const ring = keyRing(yield* readKeys(path, options))
      if (path !== undefined) yield* Effect.forkScoped(watch(path, options, ring, version))
      return ring
    })
  )
