/**
 * The demonstration's rehabilitation clinic in Brno: a physician, a physiotherapist, and a gym with group exercises of
 * eight places. The people and the numbers are made up.
 */
import type { Clinic, Validity } from "./Clinic.ts"

/** Returns the rehabilitation clinic, its calendars valid over the given days. */
export const rehabilitation = (validity: Validity): Clinic => ({
  locale: "cs",
  facility: {
    key: "rehabilitace-luzanky",
    name: "Rehabilitace Lužánky",
    address: {
      street: "Lidická 47",
      city: "Brno",
      postcode: 60200,
      country: { name: "Czechia", code: "CZE" },
      gps: { latitude: 49.20502, longitude: 16.60715 }
    },
    contact: { phone: "+420 541 550 163", email: "recepce.luzanky@example.com" },
    timeZone: "Europe/Prague",
    calendars: [
      {
        key: "dvorakova",
        name: "MUDr. Eva Dvořáková",
        note: "Rehabilitační lékařka",
        ...validity,
        services: [
          { id: 1, name: "Vstupní vyšetření", note: "S sebou zprávy a snímky.", duration: 40, referralLetter: true },
          { id: 2, name: "Kontrolní vyšetření", duration: 20 },
          { id: 3, name: "Obstřik", duration: 15, hiddenInOnlineForm: true }
        ],
        intervals: [
          { name: "Dopoledne", weekDays: [1, 2, 3, 5], timeFrom: "08:00", timeTo: "12:00" },
          { name: "Odpoledne", weekDays: [1, 3], timeFrom: "12:45", timeTo: "15:00" },
          { name: "Dlouhé odpoledne", weekDays: [4], timeFrom: "12:00", timeTo: "18:00" }
        ]
      },
      {
        key: "prochazka",
        name: "Mgr. Ondřej Procházka",
        note: "Fyzioterapeut",
        ...validity,
        services: [
          { id: 1, name: "Individuální fyzioterapie", duration: 50, referralLetter: true },
          { id: 2, name: "Měkké techniky", duration: 30 },
          { id: 3, name: "Elektroterapie", duration: 20 },
          { id: 4, name: "Kineziotaping", duration: 15 }
        ],
        intervals: [
          {
            name: "Elektroterapie",
            weekDays: [1, 2, 3, 4, 5],
            timeFrom: "07:00",
            timeTo: "08:00",
            allowedServices: [3]
          },
          { name: "Dopoledne", weekDays: [1, 2, 3, 4, 5], timeFrom: "08:00", timeTo: "11:30" },
          { name: "Odpoledne", weekDays: [1, 3, 4], timeFrom: "12:15", timeTo: "15:30" },
          { name: "Dlouhé odpoledne", weekDays: [2], timeFrom: "12:15", timeTo: "18:30" }
        ]
      },
      {
        key: "telocvicna",
        name: "Tělocvična",
        note: "Skupinová cvičení, nejvýše osm osob",
        ...validity,
        services: [
          { id: 1, name: "Skupinové cvičení: zdravá záda", duration: 60, capacity: 8 },
          { id: 2, name: "Skupinové cvičení pro seniory", duration: 45, capacity: 8 }
        ],
        intervals: [
          { name: "Senioři", weekDays: [2, 4], timeFrom: "09:00", timeTo: "10:30", allowedServices: [2] },
          { name: "Zdravá záda", weekDays: [1, 2, 3, 4], timeFrom: "16:00", timeTo: "18:00", allowedServices: [1] }
        ]
      }
    ]
  },
  blocks: [
    { weekday: -4, from: "11:30", to: "12:45", note: "Porada u oběda" },
    { weekday: 3, from: "08:00", to: "10:00", note: "Revize přístrojů" },
    { weekday: 5, from: "13:00", to: "24:00", note: "Školení první pomoci" }
  ]
})
