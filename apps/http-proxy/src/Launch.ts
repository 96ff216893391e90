/** What `bookio-proxy` runs. Apart from `main.ts`, which turns Node's compile cache on before this is loaded. */
// The schemas' compiler must be on before any schema is made, so this import stands first.
import "effect/schema/SchemaJITCompiler/enable"
import * as BookioProxy from "./BookioProxy.ts"
import { run } from "./Run.ts"

run(BookioProxy.layer)
