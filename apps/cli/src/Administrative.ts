/** The commands of administration and bulk, in the order of the help. */
import { type Entry, entry } from "./Command.ts"
import * as backups from "./commands/backup/specs.ts"
import * as conformance from "./commands/conformance/specs.ts"
import * as events from "./commands/events/specs.ts"
import * as exports from "./commands/export/specs.ts"
import * as imports from "./commands/import/specs.ts"
import * as person from "./commands/person/specs.ts"
import * as seed from "./commands/seed/specs.ts"
import * as sync from "./commands/sync/specs.ts"
import * as token from "./commands/token/specs.ts"

export const administrative: ReadonlyArray<Entry> = [
  entry(exports.exportFacility, () => import("./commands/export/export.ts")),
  entry(imports.importFacility, () => import("./commands/import/import.ts")),
  entry(events.listen, () => import("./commands/events/listen.ts")),
  entry(seed.seed, () => import("./commands/seed/seed.ts")),
  entry(token.create, () => import("./commands/token/create.ts")),
  entry(token.list, () => import("./commands/token/list.ts")),
  entry(token.revoke, () => import("./commands/token/revoke.ts")),
  entry(token.rotate, () => import("./commands/token/rotate.ts")),
  entry(person.exportPerson, () => import("./commands/person/export.ts")),
  entry(person.erasePerson, () => import("./commands/person/erase.ts")),
  entry(backups.backup, () => import("./commands/backup/backup.ts")),
  entry(backups.restore, () => import("./commands/backup/restore.ts")),
  entry(sync.run, () => import("./commands/sync/run.ts")),
  entry(sync.once, () => import("./commands/sync/once.ts")),
  entry(sync.plan, () => import("./commands/sync/plan.ts")),
  entry(sync.verify, () => import("./commands/sync/verify.ts")),
  entry(sync.status, () => import("./commands/sync/status.ts")),
  entry(sync.conflicts, () => import("./commands/sync/conflicts.ts")),
  entry(sync.resolve, () => import("./commands/sync/resolve.ts")),
  entry(sync.parked, () => import("./commands/sync/parked.ts")),
  entry(sync.retry, () => import("./commands/sync/retry.ts")),
  entry(sync.why, () => import("./commands/sync/why.ts")),
  entry(sync.resume, () => import("./commands/sync/resume.ts")),
  entry(conformance.conformance, () => import("./commands/conformance/conformance.ts"))
]
