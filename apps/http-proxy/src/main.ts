#!/usr/bin/env node
// The schemas' compiler must be on before any schema is made, so this import stands first.
import "effect/schema/SchemaJITCompiler/enable"
import * as BookioProxy from "./BookioProxy.ts"
import { run } from "./Run.ts"

run(BookioProxy.layer)
