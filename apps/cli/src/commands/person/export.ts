/** `bookio person export`. */
import * as People from "@bookio-kit/adapter-sql/admin/People"
import { textsOf } from "@bookio-kit/adapter-sql/journal/People"
import * as Effect from "effect/Effect"
import { withDatabase } from "../../backend/Administration.ts"
import type { Given } from "../../Command.ts"
import { CommandError } from "../../Failure.ts"
import { printJson } from "../../output/Output.ts"
import { readEmail } from "./Email.ts"
import { openJournal, ownIdentity } from "./Journals.ts"
import type { exportPerson } from "./specs.ts"

/** Runs the command. */
export const run = ({ flags }: Given<typeof exportPerson>) =>
  withDatabase((filename) =>
    Effect.gen(function* () {
      const email = yield* readEmail(flags.email)
      const reservations = yield* People.exportPerson(email)
      const identities = [ownIdentity(filename), ...flags.identity]
      const journal = yield* Effect.forEach(flags.journal, (file) =>
        Effect.gen(function* () {
          const facilities = yield* openJournal(file, identities, reservations)
          const texts = yield* Effect.forEach(facilities, ({ journal, key, reservations }) =>
            textsOf(
              journal,
              key,
              reservations.map(({ id }) => id)
            )
          )
          return texts.flat().map((text) => ({ file, ...text }))
        })
      )
      yield* printJson({ email, reservations, journal: journal.flat() })
    }).pipe(
      Effect.scoped,
      Effect.catchTag("JournalError", ({ reason }) =>
        Effect.fail(new CommandError({ why: `a journal cannot be read (${reason})` }))
      )
    )
  )
