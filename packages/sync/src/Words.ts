/** The words that the sync writes into a practice calendar, in each language. */
import type { Language } from "@bookio-kit/core/text/Text"

/** The title of a reservation whose details are not shown, and of a time that staff blocked in Bookio. */
export const words: { readonly [L in Language]: { readonly reserved: string; readonly blocked: string } } = {
  en: { reserved: "Reserved", blocked: "Blocked" },
  sk: { reserved: "Rezervované", blocked: "Blokované" },
  cs: { reserved: "Rezervováno", blocked: "Blokováno" },
  de: { reserved: "Reserviert", blocked: "Gesperrt" },
  hu: { reserved: "Foglalt", blocked: "Zárolt" },
  pl: { reserved: "Zarezerwowane", blocked: "Zablokowane" }
}
