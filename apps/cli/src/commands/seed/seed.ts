/** `bookio seed`. */
import { SettingsError } from "@bookio-kit/core/settings/Settings"
import * as Seeding from "@bookio-kit/http-proxy/Seeding"
import * as Effect from "effect/Effect"
import { withDatabase } from "../../backend/Administration.ts"
import type { Given } from "../../Command.ts"
import { note, printOne } from "../../output/Output.ts"
import type { seed } from "./specs.ts"

// A server names its setting; here the seed is an argument.
const unnamed = <A, E, R>(effect: Effect.Effect<A, E | SettingsError, R>) =>
  Effect.mapError(effect, (error) =>
    error instanceof SettingsError
      ? new SettingsError({ problems: error.problems.map((problem) => problem.replace(/^BOOKIO_SEED: /, "")) })
      : error
  )

/** Runs the command. */
export const run = ({ args: { source } }: Given<typeof seed>) =>
  Effect.gen(function* () {
    // All that can be known to be wrong is told before the database is made. Whether others reach it is the server's to ask.
    const named = yield* unnamed(Seeding.readSeed(source, "localhost"))
    yield* withDatabase(
      Effect.fnUntraced(function* () {
        yield* unnamed(Seeding.apply(named))
        const facilities = named.seed.facilities.map(({ name }) => name)
        const channels = named.seed.channels.map(({ name }) => name)
        yield* printOne({ source, facilities, channels }, [
          `The database has ${named.name}: ${facilities.join(", ")}; channels ${channels.join(", ")}.`
        ])
        if (named.seed.demo === true) yield* note("Its tokens can be guessed: let nobody but this machine reach it.")
      }),
      "new"
    )
  })
