/** `bookio api`. */
import { readFile } from "node:fs/promises"
import { text } from "node:stream/consumers"
import { settingsExitCode } from "@bookio-kit/core/settings/Settings"
import * as Effect from "effect/Effect"
import type { Given } from "../../Command.ts"
import { exitCodeOf } from "../../ExitCode.ts"
import { CommandError, usageError } from "../../Failure.ts"
import { Invocation } from "../../Invocation.ts"
import { print, printJson } from "../../output/Output.ts"
import { sendRaw } from "../../Raw.ts"
import { target } from "../../Target.ts"
import type { api } from "./specs.ts"

const pairOf = (flag: string, text: string) => {
  const at = text.indexOf("=")
  return at < 1
    ? Effect.fail(usageError(`${flag} must be NAME=VALUE`))
    : Effect.succeed([text.slice(0, at), text.slice(at + 1)] as const)
}

const typedPair = Effect.fnUntraced(function* (text: string) {
  const [name, value] = yield* pairOf("--typed", text)
  const json = yield* Effect.try({
    try: () => JSON.parse(value) as unknown,
    catch: () => usageError("the value of --typed must be JSON", "--field takes a text")
  })
  return [name, json] as const
})

const readInput = (path: string) =>
  Effect.tryPromise({
    try: () => (path === "-" ? text(process.stdin) : readFile(path, "utf8")),
    catch: () => new CommandError({ why: `--input: ${path} cannot be read`, exitCode: settingsExitCode })
  })

const errorCodeOf = (json: unknown): number | undefined => {
  const code = (json as { readonly result?: { readonly errorCode?: unknown } } | null)?.result?.errorCode
  return typeof code === "number" ? code : undefined
}

const parsed = (body: string): unknown => {
  try {
    return JSON.parse(body) as unknown
  } catch {
    return undefined
  }
}

/** Runs the command. */
export const run = ({ args: { method, path }, flags }: Given<typeof api>) =>
  Effect.gen(function* () {
    const { requestId } = yield* Invocation
    const fields = [
      ...(yield* Effect.forEach(flags.field, (field) => pairOf("--field", field))),
      ...(yield* Effect.forEach(flags.typed, typedPair))
    ]
    const isQuery = method === "GET" || method === "DELETE"
    if (flags.input !== undefined && fields.length > 0 && !isQuery) {
      return yield* usageError("--input is the whole body", "leave out --field and --typed")
    }
    const body =
      flags.input !== undefined
        ? yield* readInput(flags.input)
        : isQuery
          ? undefined
          : JSON.stringify(Object.fromEntries(fields))
    const response = yield* sendRaw(yield* target, {
      method,
      path,
      ...(isQuery ? { query: fields.map(([name, value]) => [name, String(value)] as const) } : {}),
      ...(body === undefined ? {} : { body }),
      ...(flags.idempotencyKey === undefined ? {} : { headers: { "idempotency-key": flags.idempotencyKey } })
    })
    const json = parsed(response.text)
    yield* json === undefined ? print(response.text) : printJson(json)
    if (response.status < 400) return
    const code = errorCodeOf(json)
    return yield* new CommandError({
      why: `the server answered ${response.status} (${code === undefined ? "" : `errorCode ${code}, `}request ${requestId})`,
      exitCode: code === undefined && (response.status === 401 || response.status === 403) ? 4 : exitCodeOf(code)
    })
  })
