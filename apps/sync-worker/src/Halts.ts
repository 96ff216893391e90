/** What is said to the person who has to decide when a facility stands still (docs/sync.md, "When it stands still"). */
import type { HaltReason } from "@bookio-kit/sync/Progress"

const meanings: { readonly [reason in HaltReason]: string } = {
  "restored-server":
    "Bookio shows less than it did, as after a restored backup or with a new database. Once that is clear, resume takes what it shows for the truth",
  "foreign-journal":
    "Another worker uses the same channel with another journal, or this journal is a backup. Once there is one worker only, resume takes these records for its own",
  "deletion-budget": "So much at once is often a mistake. If it is meant, resume allows it for 24 hours"
}

/** What a halt means, and the command that ends it. */
export const adviceOf = (reason: HaltReason, facility: string): string =>
  `${meanings[reason]}: bookio-sync resume --facility "${facility}"`
