/** `bookio conformance`. */
import { laws, readLaws } from "@bookio-kit/conformance/Laws"
import { allHold, lineOf, toJson, toJUnit, toText } from "@bookio-kit/conformance/Report"
import { run as runLaws } from "@bookio-kit/conformance/Run"
import { checkOptions, type Options } from "@bookio-kit/conformance-cli/Options"
import { subject } from "@bookio-kit/conformance-cli/Remote"
import { settings } from "@bookio-kit/conformance-cli/Settings"
import { FacilityId } from "@bookio-kit/core/scalar/Id"
import { readSettings } from "@bookio-kit/core/settings/Settings"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as FetchHttpClient from "effect/http/FetchHttpClient"
import * as Option from "effect/Option"
import type { Given } from "../../Command.ts"
import { CommandError, usageError } from "../../Failure.ts"
import { Invocation } from "../../Invocation.ts"
import { readLength } from "../../Lengths.ts"
import { note, print } from "../../output/Output.ts"
import { target } from "../../Target.ts"
import type { conformance } from "./specs.ts"

const forms = { text: toText, json: toJson, junit: toJUnit } as const

/** Runs the command. */
export const run = ({ flags }: Given<typeof conformance>) =>
  Effect.gen(function* () {
    const { globals } = yield* Invocation
    const to = yield* target
    if (to._tag === "Embedded") {
      return yield* usageError("the laws are tried on a server", "start bookio-proxy on the database, and name it")
    }
    const options: Options = {
      baseUrl: to.baseUrl,
      tokenFile: Option.none(),
      write: flags.write,
      facility: Option.map(Option.fromUndefinedOr(flags.facility), (id) => FacilityId.make(id)),
      production: flags.production,
      extensions: to.extensions,
      clockTolerance: Duration.millis(
        flags.clockTolerance === undefined ? 2_000 : yield* readLength("--clock-tolerance", flags.clockTolerance)
      ),
      report: flags.report ?? (globals.json === undefined ? "text" : "json"),
      output: Option.none()
    }
    yield* Effect.mapError(checkOptions(options), ({ problem }) => usageError(problem))
    const values = { ...(yield* readSettings(settings)), token: to.token }
    const onLaw = process.stderr.isTTY ? { onLaw: (law: Parameters<typeof lineOf>[0]) => note(lineOf(law)) } : {}
    const report = yield* runLaws(options.write ? laws : readLaws, onLaw).pipe(
      Effect.provide(subject(options, values)),
      Effect.provide(FetchHttpClient.layer),
      Effect.catchTag("SubjectError", ({ message }) => Effect.fail(new CommandError({ why: message, exitCode: 78 })))
    )
    yield* print(forms[options.report](report))
    if (!allHold(report)) return yield* new CommandError({ why: "not all laws hold; the report says which" })
  })
