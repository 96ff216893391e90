/** The German catalogue: the keys and parameters of `En.ts`, worded to follow a field name of any gender. */
import type { Catalogue } from "./Text.ts"

export const de: Catalogue = {
  // The form of a request
  required: "ist erforderlich",
  notText: "muss ein Text sein",
  notNumber: "muss eine Zahl sein",
  notBoolean: "muss true oder false sein",
  notList: "muss eine Liste sein",
  notObject: "muss ein Objekt sein",
  notId: "muss eine ganze Zahl von 1 bis 9007199254740991 sein",
  notWhole: "muss eine ganze Zahl von {min} bis {max} sein",
  notCoordinate: "muss eine Zahl von {min} bis {max} sein",
  notEmail: "muss eine E-Mail-Adresse wie name@example.com sein",
  notPhone:
    "muss eine Telefonnummer sein: optional ein +, dann 7 bis 15 Ziffern; Leerzeichen, -, /, ( und ) sind erlaubt",
  notLocale: "muss ein Sprachcode aus zwei Buchstaben von a bis z sein, zum Beispiel sk",
  notDate: "muss ein existierender Tag im Format YYYY-MM-DD sein",
  notTime: "muss eine Uhrzeit von 00:00 bis 24:00 im Format HH:mm sein",
  notDateTime:
    "muss ein existierender Zeitpunkt im Format YYYY-MM-DDTHH:mm:ss oder nach RFC 3339 mit Zeitverschiebung sein",
  notOffset: "muss eine Zeitverschiebung gegenüber UTC wie +01:00 sein",
  notTimeZone: "muss eine IANA-Zeitzone wie Europe/Bratislava sein",
  notOneOf: "muss einer der folgenden Werte sein: {allowed}",
  notWeekDay: "muss ein Wochentag von 1 (Montag) bis 7 (Sonntag) sein",
  notJson: "muss gültiges JSON in UTF-8 sein",
  notPostcode: "muss eine Zahl oder ein Text sein",
  notSha256: "muss aus 64 hexadezimalen Ziffern in Kleinschreibung bestehen",
  empty: "darf nicht leer sein",
  tooLong: "darf höchstens {max} Zeichen lang sein",
  tooManyDays: "darf höchstens {max} Tage umfassen",
  badCharacters: "darf weder das Zeichen U+0000 noch ein unvollständiges Surrogatpaar enthalten",
  repeatedParameter: "darf nur einmal angegeben werden",
  repeated: "darf {value} nicht zweimal enthalten",
  repeatedDay: "darf keinen Tag zweimal nennen",
  notIdempotencyKey: "muss aus 1 bis 255 sichtbaren ASCII-Zeichen bestehen",
  keyReused: "wurde für eine andere Anfrage verwendet; eine neue Anfrage braucht einen neuen Schlüssel",
  notWebhookUrl:
    "muss eine https-URL ohne Benutzer, Passwort und Fragment sein; zu Loopback darf sie http sein, wo der Server das erlaubt",
  unknown: "ist nicht bekannt",
  notDuration: "muss eine Zeit wie `30 seconds` sein, von 1 Sekunde bis 24 Stunden",
  notVariable: "muss eine Umgebungsvariable als {form} nennen; ein Geheimnis darf nicht in der Datei stehen",
  contentType: "muss als application/json in UTF-8 gesendet werden",
  bodyTooLarge: "darf höchstens {max} Byte groß sein",
  invalid: "ist ungültig",

  // Booking rules
  inGap: "existiert an diesem Tag nicht, weil die Uhr vorgestellt wird",
  offsetMismatch: "entspricht nicht der Zeitverschiebung, die in der Zeitzone der Einrichtung zu dieser Zeit gilt",
  notAfter: "muss nach {other} liegen",
  after: "darf nicht nach {other} liegen",
  notBefore: "muss vor {other} liegen",
  closed: "liegt außerhalb der Sprechzeiten des Kalenders",
  statusChange: "kann nicht von {from} auf {to} geändert werden",
  notConfirmed: "kann nicht verschoben werden, weil der Status {status} ist; möglich ist das nur im Status CONFIRMED",
  externalIdUnknown: "ist erforderlich, da dieser Kanal bisher keinen Wert angegeben hat",
  serviceRemoved: "verweist auf eine Leistung, die entfernt wurde",
  serviceInUse:
    "muss die Leistung {service} behalten: künftige Reservierungen verweisen auf diese Leistung ({reservations})",
  unknownService: "verweist auf die Leistung {service}, die nicht zu den Leistungen dieses Kalenders gehört",
  overlappingIntervals: "überschneidet sich mit {other} am selben Wochentag für dieselbe Leistung",
  endTooEarly: "darf nicht vor dem {date} liegen",

  // Refusals
  noFacility: "diese Einrichtung existiert nicht",
  noCalendar: "dieser Kalender existiert nicht",
  noService: "diese Leistung existiert nicht",
  noReservation: "diese Reservierung existiert nicht",
  noBlockedTime: "diese Sperrzeit existiert nicht",
  noWebhook: "dieser Webhook existiert nicht",
  noUndelivered: "diese nicht zugestellte Nachricht existiert nicht",
  tooManyWebhooks: "darf nicht erstellt werden: dieser Kanal hat bereits {max} Webhooks",
  webhookDisabled:
    "gehört zu einem Webhook, der deaktiviert ist, da sein Empfänger mit 410 geantwortet hat; erstellen Sie einen neuen Webhook",
  tokenMissing: "ein Bearer-Token ist erforderlich",
  tokenInvalid: "das Token ist ungültig",
  timeBlocked: "diese Zeit ist gesperrt",
  noCapacity: "zu dieser Zeit ist kein Platz mehr frei",
  duplicateExternalId: "wird bereits von einem anderen Datensatz dieses Kanals verwendet",
  duplicateRetry: "wiederholt einen Datensatz, der in den letzten 24 Stunden storniert oder entfernt wurde",
  duplicatePerson: "diese Person hat für diese Leistung und Zeit bereits eine Reservierung",
  facilityDenied: "dieses Token hat keinen Zugriff auf diese Einrichtung",
  accessDenied: "dieses Token ist dazu nicht berechtigt",
  noEndpoint: "dieser Endpunkt existiert nicht oder unterstützt diese Methode nicht",
  paymentError: "die Reservierung kann nicht als bezahlt markiert werden",

  // Failures
  internal: "interner Fehler; er wurde unter der Anfrage-ID {requestId} protokolliert",
  rateLimited: "zu viele Anfragen; versuchen Sie es später erneut",
  overloaded: "der Server ist überlastet; versuchen Sie es später erneut",
  unreachable: "das Reservierungssystem ist nicht erreichbar; versuchen Sie es später erneut",
  malformedResponse: "das Reservierungssystem hat eine unverständliche Antwort geliefert",
  timeout: "die Anfrage hat zu lange gedauert; versuchen Sie es später erneut",
  outcomeUnknown:
    "es ist nicht bekannt, ob die Änderung vorgenommen wurde; prüfen Sie dies, bevor Sie sie erneut senden",

  // Warnings
  leftOutsideOpening: "diese künftigen Reservierungen liegen nun außerhalb der Sprechzeiten: {reservations}",
  leftOverCapacity: "diese künftigen Reservierungen überschreiten nun die Kapazität: {reservations}"
}
