#!/usr/bin/env node
// The schemas' compiler must be on before any schema is made, so this import stands first.
import "effect/schema/SchemaJITCompiler/enable"
import { readFileSync } from "node:fs"
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { command } from "./Commands.ts"
import * as Connections from "./Connections.ts"
import { endingOf } from "./ExitCode.ts"
import * as Logging from "./Logging.ts"

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { version: string }

// The files that hold patients' data are for the user that runs the worker only.
process.umask(0o077)

const services = Layer.mergeAll(NodeServices.layer, Connections.layer, Logging.layer)

NodeRuntime.runMain(Effect.provide(Command.run(command, { version }), services), {
  disableErrorReporting: true,
  teardown: (exit, onExit) => {
    const { code, message } = endingOf(exit)
    if (message !== undefined) process.stderr.write(`${message}\n`)
    onExit(code)
  }
})
