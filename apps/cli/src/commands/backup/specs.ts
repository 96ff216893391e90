/** `bookio backup` and `bookio restore`: descriptions. */
import { command } from "../../Command.ts"

const journal = {
  kind: "file",
  metavar: "FILE",
  description: "The journal of a sync instead of the engine's database"
} as const

const gateway = {
  kind: "file",
  metavar: "FILE",
  description: "The database of a gateway instead (BOOKIO_GATEWAY_DATABASE of bookio-proxy)"
} as const

export const backup = command({
  path: ["backup"],
  summary: "Copies the engine's database to a file, while servers use it",
  details: [
    "The copy is as of one moment, is read in full when it is made, and only its owner can read it. It holds everything: patients, tokens (as hashes), audit log, changes, webhooks with their secrets. That of a gateway holds keys (as hashes), the answers that are kept for repeats, changes, and webhooks with their secrets."
  ],
  doing: "back the database up",
  flags: { journal, gateway },
  args: { file: { kind: "file", required: true, description: "The file to make; it must not be there yet" } },
  fields: ["file", "kind", "version", "bytes"],
  examples: [
    { does: "Every night, from cron", line: "backup /var/backups/bookio-$(date +%F).db" },
    { does: "The journal of the sync worker", line: "backup --journal bookio-sync.db journal-copy.db" },
    { does: "The database of a gateway", line: "backup --gateway gateway.db gateway-copy.db" }
  ]
})

export const restore = command({
  path: ["restore"],
  summary: "Makes a backup the engine's database",
  details: [
    "Stop the servers first: it is refused while another process has the database open. The backup is read in full and takes the place of the database in one step; the database of before is kept beside it.",
    "What happened since the backup is no longer known. Tokens that were revoked since are good again, ids can be given out a second time, and followers of the change feed are told of a gap. A sync worker sees that the server was restored, stops, and asks. Of a gateway's, creating requests under an Idempotency-Key since then are not known to be repeats."
  ],
  doing: "restore the database",
  flags: { journal, gateway, yes: { kind: "boolean", short: "y", description: "Do not ask" } },
  args: { file: { kind: "file", required: true, description: "The backup" } },
  fields: ["file", "kind", "version", "bytes", "kept"],
  examples: [{ does: "After a loss", line: "restore /var/backups/bookio-2026-11-22.db --yes" }]
})
