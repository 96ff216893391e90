/**
 * The demonstration's general practitioner in Trenčín: a clinic of exactly one calendar, so that a sync worker's busy
 * events can block the whole of it. The people and the numbers are made up.
 */
import type { Clinic, Validity } from "./Clinic.ts"

/** Returns the general practice, its calendar valid over the given days. */
export const generalPractice = (validity: Validity): Clinic => ({
  locale: "sk",
  facility: {
    key: "ordinacia-novak",
    name: "Ordinácia všeobecného lekára MUDr. Peter Novák",
    address: {
      street: "Legionárska 28",
      city: "Trenčín",
      postcode: 91101,
      country: { name: "Slovakia", code: "SVK" },
      gps: { latitude: 48.8912, longitude: 18.0401 }
    },
    contact: { phone: "+421 32 555 01 40", email: "ordinacia.novak@example.com" },
    timeZone: "Europe/Bratislava",
    calendars: [
      {
        key: "novak",
        name: "MUDr. Peter Novák",
        note: "Všeobecný lekár pre dospelých",
        ...validity,
        services: [
          { id: 1, name: "Akútne vyšetrenie", duration: 15 },
          { id: 2, name: "Preventívna prehliadka", note: "Prosíme prísť nalačno.", duration: 30 },
          { id: 3, name: "Odber krvi", note: "Nalačno, s preukazom poistenca.", duration: 10 },
          { id: 4, name: "Očkovanie", duration: 10 },
          { id: 5, name: "Konzultácia výsledkov", duration: 15 },
          { id: 6, name: "Predoperačné vyšetrenie", duration: 40, referralLetter: true },
          { id: 7, name: "Administratívny úkon", duration: 10, hiddenInOnlineForm: true }
        ],
        intervals: [
          { name: "Odbery", weekDays: [1, 2, 3, 4, 5], timeFrom: "07:00", timeTo: "08:00", allowedServices: [3] },
          {
            name: "Dopoludnie",
            weekDays: [1, 2, 3, 4, 5],
            timeFrom: "08:00",
            timeTo: "12:00",
            allowedServices: [1, 2, 4, 5, 6, 7]
          },
          {
            name: "Popoludnie",
            weekDays: [1, 2, 4],
            timeFrom: "12:30",
            timeTo: "15:00",
            allowedServices: [1, 4, 5, 6, 7]
          },
          {
            name: "Dlhé popoludnie",
            weekDays: [3],
            timeFrom: "13:00",
            timeTo: "18:00",
            allowedServices: [1, 2, 4, 5, 6, 7]
          }
        ]
      }
    ]
  },
  blocks: [
    { weekday: -3, from: "11:00", to: "12:30", note: "Stretnutie lekárov regiónu" },
    { weekday: 2, from: "12:00", to: "13:30", note: "Pracovný obed" },
    { weekday: 5, from: "00:00", to: "24:00", note: "Dovolenka" }
  ]
})
