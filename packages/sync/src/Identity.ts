/**
 * Names that the sync gives: ids of its own, UIDs of what it writes into a practice calendar, and the marks that tell our
 * events from others (sync.md, "Whose event is it").
 */
import { createHash, createHmac, createSecretKey, type KeyObject, timingSafeEqual } from "node:crypto"
import type { Mark } from "@bookio-kit/core/sync/Appointment"
import type { SyncItem } from "@bookio-kit/core/sync/SyncItem"
import * as Effect from "effect/Effect"
import * as Random from "effect/Random"
import * as Redacted from "effect/Redacted"
import type { FacilityPlan } from "./Plan.ts"

const highest = 2 ** 53 - 1
const lowest = 2 ** 40

/** Draws an externalId: at random from 2^40 to 2^53-1, never counted, so that a restored journal gives none out twice. */
export const drawExternalId: Effect.Effect<number> = Effect.map(
  Random.next,
  (share) => lowest + Math.floor(share * (highest - lowest + 1))
)

/** Draws an id of the journal's own. */
export const drawId: Effect.Effect<number> = Effect.map(Random.next, (share) => 1 + Math.floor(share * highest))

// The namespace of our UIDs: drawn once for this project (RFC 9562, 5.5).
const namespace = Buffer.from("5f1c2b0e9a7d4e0c8b35d1a4c6e7f902", "hex")

/** What an event of ours stands for; two things never have equal ones. */
export interface Named {
  readonly identity: string
  readonly channel: string
  readonly facilityId: number
  readonly kind: Mark["kind"]
  readonly id: number
  /** When Bookio made the record, in its words; "" for a blocked time, whose rows do not say. */
  readonly created: string
  /** Of which practice calendar: a blocked time has an event in each. */
  readonly calendar: string
  readonly generation: number
}

/** The UID of an event: a UUIDv5, so that a crash between drawing and storing it makes no second event. */
export const uidOf = (named: Named): string => {
  const { calendar, channel, created, facilityId, generation, id, identity, kind } = named
  const hash = createHash("sha1")
    .update(namespace)
    .update(JSON.stringify([identity, channel, facilityId, kind, id, created, calendar, generation]))
    .digest()
  const bytes = hash.subarray(0, 16)
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6)
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8)
  const hex = bytes.toString("hex")
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")
}

/** What an item's event stands for. */
export const namedOf = (
  { channel, facilityId, identity }: Pick<FacilityPlan, "channel" | "facilityId" | "identity">,
  { bookioId, calendar, created, generation, kind }: SyncItem
): Named => ({
  identity,
  channel,
  facilityId,
  kind: kind === "mirror" ? "blockedTime" : "reservation",
  id: bookioId ?? 0,
  created: created ?? "",
  calendar: kind === "mirror" ? calendar : "",
  generation
})

type Secret = Redacted.Redacted<Uint8Array>

const keys = new WeakMap<Secret, KeyObject>()

const keyOf = (secret: Secret): KeyObject => {
  const known = keys.get(secret)
  if (known !== undefined) return known
  const key = createSecretKey(Redacted.value(secret))
  keys.set(secret, key)
  return key
}

/** A digest of a text, which tells nobody anything without this journal's key. */
export const digestOf = (secret: Secret, text: string): string =>
  createHmac("sha256", keyOf(secret)).update(text).digest("base64url")

type Unsigned = Omit<Mark, "signature">

const hashOf = (secret: Secret, uid: string, { facilityId, id, kind }: Unsigned, writes: number): Buffer =>
  createHmac("sha256", keyOf(secret))
    .update(JSON.stringify([uid, facilityId, kind, id, writes]))
    .digest()

/** The mark of an event with this UID. @param writes - `SyncItem.writes` as the event is written. */
export const markOf = (secret: Secret, uid: string, of: Unsigned, writes: number): Mark => ({
  ...of,
  signature: `${writes}.${hashOf(secret, uid, of, writes).toString("base64url")}`
})

/** The number of writes that a mark tells; absent unless this journal's key made it for an event of this UID. */
export const writesOf = (secret: Secret, uid: string, mark: Mark): number | undefined => {
  const [, digits, hash = ""] = /^(\d{1,15})\.(.*)$/.exec(mark.signature) ?? []
  if (digits === undefined) return undefined
  const expected = hashOf(secret, uid, mark, Number(digits))
  const given = Buffer.from(hash, "base64url")
  return given.length === expected.length && timingSafeEqual(given, expected) ? Number(digits) : undefined
}

/** Whether a mark is one that this journal's key made for an event of this UID. */
export const isOurMark = (secret: Secret, uid: string, mark: Mark): boolean => writesOf(secret, uid, mark) !== undefined
