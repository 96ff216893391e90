/** `bookio login`. */
import { resolve } from "node:path"
import { text } from "node:stream/consumers"
import { productionUrl } from "@bookio-kit/adapter-bookio/BaseUrl"
import { settings as clientSettings } from "@bookio-kit/adapter-bookio/Settings"
import { extensionPath } from "@bookio-kit/core/api/Paths"
import * as Effect from "effect/Effect"
import * as Redacted from "effect/Redacted"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { layerOf } from "../../Backend.ts"
import type { Given } from "../../Command.ts"
import { allFacilities } from "../../Facility.ts"
import { CommandError, usageError } from "../../Failure.ts"
import { Invocation } from "../../Invocation.ts"
import { printOne } from "../../output/Output.ts"
import { type Profile, profilesPath, readProfiles, writeProfiles } from "../../Profile.ts"
import { sendRaw } from "../../Raw.ts"
import type { RemoteTarget, Target } from "../../Target.ts"
import type { login } from "./specs.ts"

const asking = Effect.fnUntraced(function* (flag: string) {
  const { screen } = yield* Invocation
  if (!screen.canAsk) return yield* usageError("nobody can be asked here", `give ${flag}`)
  return yield* Effect.promise(() => import("../../Prompt.ts"))
})

const askUrl = Effect.fnUntraced(function* () {
  const { askText } = yield* asking("--base-url and --token-stdin")
  return yield* askText("Server", productionUrl)
})

const decodeToken = Schema.decodeResult(clientSettings.token.schema)

const readToken = Effect.fnUntraced(function* (isStdin: boolean) {
  const given = isStdin
    ? (yield* Effect.promise(() => text(process.stdin))).trim()
    : Redacted.value(yield* (yield* asking("--token-stdin")).askSecret("Token"))
  const token = decodeToken(given.trim())
  if (Result.isSuccess(token)) return token.success
  return yield* new CommandError({ why: `the token must be ${clientSettings.token.expects}`, exitCode: 78 })
})

// A server of bookio-kit says what is wrong with such a request; any other has no such path.
const hasExtension = (target: RemoteTarget) =>
  sendRaw(target, { method: "GET", path: `${extensionPath}/slots` }).pipe(
    Effect.map(({ status, text }) => status === 400 && text.includes('"errorCode":10')),
    Effect.catch(() => Effect.succeed(false))
  )

const countFacilities = (target: Target) =>
  Effect.map(Effect.provide(allFacilities, layerOf(target)), (facilities) => facilities.length)

const remote = Effect.fnUntraced(function* (name: string, flags: Given<typeof login>["flags"]) {
  const baseUrl = flags.baseUrl ?? (yield* askUrl())
  const token = yield* readToken(flags.tokenStdin)
  const tried = { _tag: "Remote", name, baseUrl, token, extensions: false } as const
  const facilities = yield* countFacilities(tried)
  const extensions = yield* hasExtension(tried)
  const profile: Profile = { baseUrl, token: Redacted.value(token), extensions }
  return { profile, facilities, extensions }
})

const embedded = Effect.fnUntraced(function* (name: string, path: string, isStdin: boolean) {
  const { globals } = yield* Invocation
  const filename = resolve(path.replace(/^sqlite:/, ""))
  const token = isStdin ? yield* readToken(true) : undefined
  const { channel } = globals
  const facilities = yield* countFacilities({ _tag: "Embedded", name, filename, token, channel })
  const profile: Profile = {
    database: filename,
    ...(token === undefined ? {} : { token: Redacted.value(token) }),
    ...(channel === undefined ? {} : { channel })
  }
  return { profile, facilities, extensions: true }
})

/** Runs the command. */
export const run = ({ flags }: Given<typeof login>) =>
  Effect.gen(function* () {
    if (flags.baseUrl !== undefined && flags.database !== undefined) {
      return yield* usageError("--base-url and --database exclude each other")
    }
    const name = flags.name ?? "default"
    // Told before a token is asked for.
    const { profiles } = yield* readProfiles
    const { extensions, facilities, profile } =
      flags.database === undefined
        ? yield* remote(name, flags)
        : yield* embedded(name, flags.database, flags.tokenStdin)
    yield* writeProfiles({ default: name, profiles: { ...profiles, [name]: profile } })
    const seen = `${facilities} ${facilities === 1 ? "facility" : "facilities"}`
    yield* printOne({ profile: name, facilities, extensions }, [
      `Stored profile ${name} in ${profilesPath()}; its token reaches ${seen}.`
    ])
  })
