/**
 * Core's ports of what is stored beside a write, for a gateway, which stores none of it: its upstream has no such step to
 * store it in. A key that would make a repeat safe is refused, not overlooked.
 */
import { AuditEntries } from "@bookio-kit/core/audit/AuditEntries"
import { EndpointNotFound, ValidationError } from "@bookio-kit/core/error/Refusal"
import { idempotencyHeader } from "@bookio-kit/core/idempotency/IdempotencyKey"
import { about } from "@bookio-kit/core/text/Text"
import { Writes } from "@bookio-kit/core/write/Writes"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"

const refused = new ValidationError({ problems: [about(idempotencyHeader, "invalid")] })

/** Runs each write as it is. */
const writes = Layer.succeed(Writes)({
  run: ({ idempotency }, answer) =>
    idempotency === undefined ? Effect.map(answer, (made) => ({ ...made, isReplay: false })) : Effect.fail(refused)
})

/** There is no audit log. */
const auditEntries = Layer.succeed(AuditEntries)({ list: () => Effect.fail(new EndpointNotFound()) })

export const layer: Layer.Layer<Writes | AuditEntries> = Layer.merge(writes, auditEntries)
