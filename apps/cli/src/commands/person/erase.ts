/** `bookio person erase`. */
import * as People from "@bookio-kit/adapter-sql/admin/People"
import { scrub } from "@bookio-kit/adapter-sql/admin/Scrub"
import { eraseTexts } from "@bookio-kit/adapter-sql/journal/People"
import { settleMs } from "@bookio-kit/sync/Plan"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import { withDatabase } from "../../backend/Administration.ts"
import type { Given } from "../../Command.ts"
import { confirm } from "../../Confirm.ts"
import { CommandError } from "../../Failure.ts"
import { Invocation } from "../../Invocation.ts"
import { note, printOne } from "../../output/Output.ts"
import { readEmail } from "./Email.ts"
import { openJournal, ownIdentity } from "./Journals.ts"
import type { erasePerson } from "./specs.ts"

const again = "run the command again"

/** Runs the command. */
export const run = ({ flags }: Given<typeof erasePerson>) =>
  withDatabase((filename) =>
    Effect.gen(function* () {
      const { setPartly } = yield* Invocation
      const email = yield* readEmail(flags.email)
      const known = yield* People.exportPerson(email)
      // Before the journals are changed; the engine asks again in its own step.
      const nowMs = yield* Clock.currentTimeMillis
      const isAhead = ({ status, to }: People.PersonReservation) => status === "CONFIRMED" && Date.parse(to) > nowMs
      if (!flags.upcoming) yield* People.refuseUpcoming(known.filter(isAhead).map(({ id }) => id))
      yield* confirm(flags.yes, `Erase the person in ${known.length} reservations? This cannot be undone.`)
      const erased = yield* People.erasePerson(email, { upcoming: flags.upcoming })
      // Those of all who were ever erased: what a run before has not come to is done now.
      const everErased = yield* People.erasedReservations()
      const identities = [ownIdentity(filename), ...flags.identity]
      const journals = yield* Effect.forEach(flags.journal, (file) => openJournal(file, identities, everErased))
      const found = yield* Effect.forEach(journals.flat(), ({ journal, key, reservations }) =>
        eraseTexts(journal, key, reservations, {
          owner: `bookio person erase ${process.pid}`,
          durationMs: 30_000,
          graceMs: settleMs
        })
      )
      const pending = found.reduce((sum, one) => sum + one.pending, 0)
      let isScrubbed = true
      for (const file of [filename, ...flags.journal]) {
        isScrubbed = (yield* Effect.match(scrub(file), { onFailure: () => false, onSuccess: () => true })) && isScrubbed
      }
      yield* printOne({ reservations: erased.reservations.map(({ id }) => id), pending, scrubbed: isScrubbed }, [
        `The person is erased in ${erased.reservations.length} reservations.`
      ])
      if (isScrubbed && pending === 0) return
      setPartly()
      if (pending > 0) {
        yield* note(
          `bookio: ${pending} appointments in practice calendars change with the next pass of the sync; then ${again}`
        )
      }
      if (!isScrubbed) {
        yield* note(
          `bookio: another process kept a file locked, so that old text may still be in free pages of it; ${again}`
        )
      }
    }).pipe(
      Effect.scoped,
      Effect.catchTags({
        JournalError: ({ reason }) =>
          Effect.fail(new CommandError({ why: `a journal cannot be written (${reason})`, fix: again })),
        LeaseLost: () =>
          Effect.fail(
            new CommandError({
              why: "a sync worker is in a pass over a facility, so that only the engine's rows were changed",
              fix: again
            })
          )
      })
    )
  )
