/**
 * What an item of a practice calendar means for Bookio, from the facts that its adapter read (sync.md, "Whose event is it";
 * calendars.md). Assumes that a signature was checked elsewhere: these rules hold whoever made the event.
 */
import type { Appointment, Occurrence } from "./Appointment.ts"

/**
 * Tells whether an occurrence takes the owner's time. One that is cancelled, shown as free or without length does not;
 * someone else's does only if the owner accepted it, or accepted it tentatively and `tentative` is set.
 *
 * The owner's own event blocks even while its status is tentative: a time that is free by mistake costs more.
 */
export const blocks = (occurrence: Occurrence, options: { readonly tentative: boolean }): boolean => {
  const { isTransparent, participation, status, term } = occurrence
  if (status === "cancelled" || isTransparent || term.startMs >= term.endMs) return false
  switch (participation) {
    case "organizer":
    case "accepted":
      return true
    case "tentative":
      return options.tentative
    case "declined":
    case "needs-action":
      return false
  }
}

/** Tells whether an item may make or change a reservation: the owner organises every occurrence of it, and there is one. */
export const mayBook = ({ occurrences }: Pick<Appointment, "occurrences">): boolean =>
  occurrences.length > 0 && occurrences.every(({ participation }) => participation === "organizer")
