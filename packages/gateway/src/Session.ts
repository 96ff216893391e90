/**
 * Who is behind a request: the client key, or the upstream token that a caller brought. `Caller` has a number of it for its
 * `channelId`, which is drawn in this process and means nothing outside.
 */
import type { Access } from "@bookio-kit/core/access/Caller"
import type { FacilityId } from "@bookio-kit/core/scalar/Id"
import type * as Redacted from "effect/Redacted"

export interface Session {
  readonly upstreamToken: Redacted.Redacted
  /** SHA-256 of that token: what stands for it in the cache. */
  readonly upstreamDigest: string
  readonly access: Access
  /** What it reaches; absent where that is whatever the upstream token reaches. */
  readonly facilities: ReadonlySet<FacilityId> | undefined
  readonly sync: boolean
  /** Present where the token is the caller's own: when the upstream accepted it last, Unix time in milliseconds. */
  readonly own: { verifiedMs: number } | undefined
}

/** Whether a session reaches a facility, as far as this process knows. */
export const reaches = ({ facilities }: Session, facilityId: FacilityId): boolean =>
  facilities === undefined || facilities.has(facilityId)
