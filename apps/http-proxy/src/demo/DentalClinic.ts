/**
 * The demonstration's dental clinic in Bratislava: two dentists, and on the next weekday a blocked time over a
 * reservation, which a console shows as a clash. The people and the numbers are made up.
 */
import type { Clinic, Validity } from "./Clinic.ts"

/** Returns the dental clinic, its calendars valid over the given days. */
export const dentalClinic = (validity: Validity): Clinic => ({
  locale: "sk",
  facility: {
    key: "zubna-landererova",
    name: "Zubná klinika Landererova",
    address: {
      street: "Landererova 8",
      city: "Bratislava",
      postcode: "811 09",
      country: { name: "Slovakia", code: "SVK" },
      gps: { latitude: 48.14153, longitude: 17.12384 }
    },
    contact: { phone: "+421 2 5550 0182", email: "recepcia.landererova@example.com" },
    timeZone: "Europe/Bratislava",
    calendars: [
      {
        key: "horvathova",
        name: "MDDr. Zuzana Horváthová",
        note: "Zubná lekárka",
        ...validity,
        services: [
          { id: 1, name: "Preventívna prehliadka", duration: 20 },
          { id: 2, name: "Dentálna hygiena", duration: 60 },
          { id: 3, name: "Výplň", duration: 40 },
          { id: 4, name: "Akútna bolesť", note: "Bez objednania ráno do 8:30.", duration: 20 }
        ],
        intervals: [
          {
            name: "Akútne prípady",
            weekDays: [1, 2, 3, 4, 5],
            timeFrom: "07:30",
            timeTo: "08:30",
            allowedServices: [4]
          },
          {
            name: "Dopoludnie",
            weekDays: [1, 2, 3, 4, 5],
            timeFrom: "08:30",
            timeTo: "12:00",
            allowedServices: [1, 2, 3]
          },
          { name: "Popoludnie", weekDays: [1, 2, 3], timeFrom: "12:40", timeTo: "16:00", allowedServices: [1, 2, 3] },
          { name: "Dlhé popoludnie", weekDays: [4], timeFrom: "13:00", timeTo: "19:00" }
        ]
      },
      {
        key: "balaz",
        name: "MUDr. Tomáš Baláž, PhD.",
        note: "Stomatochirurg",
        ...validity,
        services: [
          { id: 1, name: "Konzultácia", duration: 20 },
          { id: 2, name: "Extrakcia zuba múdrosti", duration: 60, referralLetter: true },
          {
            id: 3,
            name: "Zubný implantát",
            note: "Prineste panoramatickú snímku.",
            duration: 60,
            referralLetter: true
          },
          { id: 4, name: "Kontrola po zákroku", duration: 10, hiddenInOnlineForm: true }
        ],
        intervals: [
          { name: "Dopoludnie", weekDays: [1, 3, 4, 5], timeFrom: "08:00", timeTo: "12:00" },
          { name: "Popoludnie", weekDays: [1, 3], timeFrom: "13:00", timeTo: "16:30" },
          { name: "Dlhé popoludnie", weekDays: [2], timeFrom: "12:00", timeTo: "19:00" }
        ]
      }
    ]
  },
  blocks: [
    { weekday: -2, from: "12:00", to: "13:20", note: "Porada tímu pri obede" },
    {
      weekday: 1,
      from: "09:30",
      to: "10:30",
      note: "Servis röntgenu",
      over: { calendar: "horvathova", serviceId: 1 }
    },
    { weekday: 4, from: "13:00", to: "16:00", note: "Školenie: digitálne odtlačky" }
  ]
})
