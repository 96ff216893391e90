/** The command's flags, and what may not be combined. A token is never one of them: arguments are seen by everyone. */
import { FacilityId } from "@bookio-kit/core/scalar/Id"
import { fromDecimal } from "@bookio-kit/core/scalar/Parameters"
import * as Flag from "effect/cli/Flag"
import * as Data from "effect/Data"
import type * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"

/** The arguments make no sense together, or may not be meant so. */
export class UsageError extends Data.TaggedError("UsageError")<{ readonly problem: string }> {
  override get message() {
    return this.problem
  }
}

export const flags = {
  baseUrl: Flag.String("base-url").pipe(
    Flag.withMetavar("URL"),
    Flag.withDescription("The server with its base path, such as http://127.0.0.1:8080/public/api/v1")
  ),
  tokenFile: Flag.String("token-file").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("A file that holds the token of a channel; without it BOOKIO_TOKEN has it"),
    Flag.optional
  ),
  write: Flag.Boolean("write").pipe(
    Flag.withDescription(
      "Try the laws that make records too, in the facility of --facility; they are ended behind them"
    ),
    Flag.withDefault(false)
  ),
  facility: Flag.String("facility").pipe(
    Flag.withMetavar("ID"),
    Flag.withDescription("The facility to try the laws on"),
    Flag.withSchema(fromDecimal(FacilityId)),
    Flag.optional
  ),
  production: Flag.Boolean("production").pipe(
    Flag.withDescription("Allow medic.bookio.com, where real patients are"),
    Flag.withDefault(false)
  ),
  extensions: Flag.Boolean("extensions").pipe(
    Flag.withDescription(
      "The server is one of bookio-kit: free slots and all that the reference leaves open are tried"
    ),
    Flag.withDefault(false)
  ),
  clockTolerance: Flag.String("clock-tolerance").pipe(
    Flag.withMetavar("TIME"),
    Flag.withDescription("How far the server's clock may be from this machine's"),
    Flag.withDefault("2 seconds"),
    Flag.withSchema(Schema.DurationFromString)
  ),
  report: Flag.Literals("report", ["text", "json", "junit"]).pipe(
    Flag.withDescription("The form of the report"),
    Flag.withDefault("text")
  ),
  output: Flag.String("output").pipe(
    Flag.withMetavar("FILE"),
    Flag.withDescription("Where the report goes, instead of standard output"),
    Flag.optional
  )
} as const

/** What the flags say. */
export interface Options {
  readonly baseUrl: string
  readonly tokenFile: Option.Option<string>
  readonly write: boolean
  readonly facility: Option.Option<FacilityId>
  readonly production: boolean
  readonly extensions: boolean
  readonly clockTolerance: Duration.Duration
  readonly report: "text" | "json" | "junit"
  readonly output: Option.Option<string>
}

// A host name may end in a dot, which means the same (RFC 1034, 3.1).
const isProduction = (baseUrl: string): boolean =>
  URL.parse(baseUrl)?.hostname.toLowerCase().replace(/\.$/, "") === "medic.bookio.com"

/** Fails where a run would not be what its caller means. */
export const checkOptions = ({ baseUrl, facility, production, write }: Options): Effect.Effect<void, UsageError> => {
  if (write && Option.isNone(facility)) {
    return Effect.fail(
      new UsageError({ problem: "--write needs --facility ID: the facility that records are made in" })
    )
  }
  if (isProduction(baseUrl) && !production) {
    return Effect.fail(
      new UsageError({ problem: "medic.bookio.com is where real patients are: give --production if you mean it" })
    )
  }
  return Effect.void
}
