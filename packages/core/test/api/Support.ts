/** What the tests of the contract share: its endpoints by name, read off the definition as server and client read it. */
import { Context, type Schema } from "effect"
import { HttpApi, type HttpApiEndpoint, type HttpApiGroup } from "effect/http-api"
import { BookioApi, ServerApi } from "../../src/api/BookioApi.ts"
import { AllowedAccess } from "../../src/api/Operation.ts"

/** One endpoint of the definition. */
export interface Operation {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly allowed: ReadonlyArray<string>
  readonly payload: Codec | undefined
  readonly success: Codec
  readonly errorStatuses: ReadonlyArray<number>
}

type Codec = Schema.Codec<unknown, unknown>

// A definition knows its schemas as any schema; those of this contract need no services.
const codec = (schema: Schema.Top): Codec => schema as Codec

const payloadOf = ({ payload }: HttpApiEndpoint.Top): Codec | undefined => {
  const [first] = [...payload.values()].flatMap(({ schemas }) => schemas)
  return first === undefined ? undefined : codec(first)
}

const read = <Groups extends HttpApiGroup.Constraint>(
  api: HttpApi.HttpApi<string, Groups>
): ReadonlyArray<Operation> => {
  const found: Array<Operation> = []
  HttpApi.reflect(api, {
    onGroup: () => {},
    onEndpoint: ({ endpoint, errors, mergedAnnotations, successes }) => {
      const [status, ...others] = successes.keys()
      // A stream stands beside the statuses.
      if ((status ?? 200) !== 200 || others.length > 0)
        throw new Error(`${endpoint.identifier} succeeds other than by 200`)
      found.push({
        name: endpoint.identifier,
        method: endpoint.method,
        path: endpoint.path,
        allowed: [...Context.getUnsafe(mergedAnnotations, AllowedAccess)],
        payload: payloadOf(endpoint),
        success: codec(successes.get(200)?.[0] ?? [...(endpoint as HttpApiEndpoint.Top).success][0]!),
        errorStatuses: [...errors.keys()].toSorted((a, b) => a - b)
      })
    }
  })
  return found
}

export const operations = read(BookioApi)
export const serverOperations = read(ServerApi)

export const operation = (name: string): Operation => {
  const found = operations.find((operation) => operation.name === name)
  if (found === undefined) throw new Error(`no operation ${name}`)
  return found
}
