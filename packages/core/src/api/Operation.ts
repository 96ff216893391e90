/**
 * What the contract says of an operation beside its schemas: who may call it, and whether it writes. Declared on the
 * endpoint, so that server, gateway and client read it from the definition.
 */
import * as Context from "effect/Context"
import type { Access } from "../access/Caller.ts"

/** The access levels that may call an endpoint (engine.md, rule 12). */
export class AllowedAccess extends Context.Service<AllowedAccess, ReadonlySet<Access>>()(
  "@bookio-kit/core/api/Operation/AllowedAccess"
) {}

/** Everyone with a token. */
export const everyone: ReadonlySet<Access> = new Set<Access>(["book", "read", "write", "admin"])
/** Those that see what other channels entered. */
export const readers: ReadonlySet<Access> = new Set<Access>(["read", "write", "admin"])
/** Those that book. */
export const bookers: ReadonlySet<Access> = new Set<Access>(["book", "write", "admin"])
/** Those that change. */
export const writers: ReadonlySet<Access> = new Set<Access>(["write", "admin"])
/** Those that look after the server itself. */
export const admins: ReadonlySet<Access> = new Set<Access>(["admin"])

/**
 * Where a path comes from: the published page, the sister API that the same company documents, our reading; or the
 * operation is an extension, which the published API does not have.
 */
export class Provenance extends Context.Service<Provenance, "documented" | "sister API" | "inferred" | "extension">()(
  "@bookio-kit/core/api/Operation/Provenance"
) {}
