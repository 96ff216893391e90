/** The port by which the audit log is read, an extension of the published API. */
import * as Context from "effect/Context"
import type * as Effect from "effect/Effect"
import type { Caller } from "../access/Caller.ts"
import type { BackendError } from "../error/BackendError.ts"
import type { EndpointNotFound } from "../error/Refusal.ts"
import type { Page } from "../page/Page.ts"
import type { AuditEntry, AuditQuery } from "./AuditEntry.ts"

export class AuditEntries extends Context.Service<
  AuditEntries,
  {
    /**
     * A page of the audit log by instant, then id, both ascending, so that new lines only ever come at the end. A caller sees
     * what its own channel did, and what any channel did in the facilities that its channel reaches (engine.md, rule 12).
     *
     * @errors `EndpointNotFound` where the backend keeps no audit log; `BackendError`.
     */
    readonly list: (query: AuditQuery) => Effect.Effect<Page<AuditEntry>, EndpointNotFound | BackendError, Caller>
  }
>()("@bookio-kit/core/audit/AuditEntries") {}
