/** One run of a command, as its code sees it: how it was called, and where its output goes. */
import * as Context from "effect/Context"
import type { Spec } from "./Command.ts"
import type { Globals } from "./Globals.ts"

/** Where output goes. */
export interface Screen {
  /** Columns; absent where lines may have any length. */
  readonly width: number | undefined
  readonly colors: boolean
  /** Whether someone can be asked: standard input and standard output are a terminal. */
  readonly canAsk: boolean
}

export class Invocation extends Context.Service<
  Invocation,
  {
    readonly spec: Spec
    readonly globals: Globals
    /** Sent with each request of this run, and told with its errors. */
    readonly requestId: string
    readonly screen: Screen
    /** Unless it ends with another exit code, the run ends with this one: of what was done, a part is missing. */
    readonly setPartly: () => void
  }
>()("@bookio-kit/cli/Invocation") {}
