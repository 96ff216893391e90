/** The Polish catalogue: the keys and parameters of `En.ts`, worded to follow a field name of any gender. */
import type { Catalogue } from "./Text.ts"

export const pl: Catalogue = {
  // The form of a request
  required: "jest wymagane",
  notText: "musi być tekstem",
  notNumber: "musi być liczbą",
  notBoolean: "musi mieć wartość true lub false",
  notList: "musi być listą",
  notObject: "musi być obiektem",
  notId: "musi być liczbą całkowitą od 1 do 9007199254740991",
  notWhole: "musi być liczbą całkowitą od {min} do {max}",
  notCoordinate: "musi być liczbą od {min} do {max}",
  notEmail: "musi być adresem e-mail, na przykład name@example.com",
  notPhone: "musi być numerem telefonu: opcjonalny +, następnie od 7 do 15 cyfr; dozwolone są spacje, -, /, ( i )",
  notLocale: "musi być kodem języka złożonym z dwóch liter od a do z, na przykład sk",
  notDate: "musi być istniejącym dniem w formacie YYYY-MM-DD",
  notTime: "musi być godziną od 00:00 do 24:00 w formacie HH:mm",
  notDateTime:
    "musi być istniejącą datą i godziną w formacie YYYY-MM-DDTHH:mm:ss lub zgodną z RFC 3339 z przesunięciem",
  notOffset: "musi być przesunięciem względem UTC, na przykład +01:00",
  notTimeZone: "musi być strefą czasową IANA, na przykład Europe/Bratislava",
  notOneOf: "musi być jedną z wartości: {allowed}",
  notWeekDay: "musi być dniem tygodnia od 1 (poniedziałek) do 7 (niedziela)",
  notJson: "musi być poprawnym dokumentem JSON w kodowaniu UTF-8",
  notPostcode: "musi być liczbą lub tekstem",
  notSha256: "musi składać się z 64 cyfr szesnastkowych zapisanych małymi literami",
  empty: "nie może być puste",
  tooLong: "może mieć najwyżej {max} znaków",
  tooManyDays: "może obejmować najwyżej {max} dni",
  badCharacters: "nie może zawierać znaku U+0000 ani niepełnej pary surogatów",
  repeatedParameter: "może być podane tylko raz",
  repeated: "nie może zawierać wartości {value} dwa razy",
  repeatedDay: "nie może zawierać tego samego dnia dwa razy",
  notIdempotencyKey: "musi mieć od 1 do 255 widocznych znaków ASCII",
  keyReused: "został użyty w innym żądaniu; nowe żądanie wymaga nowego klucza",
  notWebhookUrl:
    "musi być adresem URL typu https bez użytkownika, hasła i fragmentu; do loopback może to być http, jeśli serwer na to zezwala",
  unknown: "nie jest znane",
  notDuration: "musi być czasem takim jak `30 seconds`, od 1 sekundy do 24 godzin",
  notVariable: "musi wskazywać zmienną środowiskową jako {form}; sekret nie może stać w pliku",
  contentType: "musi być wysłane jako application/json w kodowaniu UTF-8",
  bodyTooLarge: "może mieć najwyżej {max} bajtów",
  invalid: "jest nieprawidłowe",

  // Booking rules
  inGap: "nie istnieje w tym dniu: zegary są wtedy przestawiane do przodu",
  offsetMismatch: "nie odpowiada przesunięciu, które w tym czasie obowiązuje w strefie czasowej placówki",
  notAfter: "musi przypadać później niż {other}",
  after: "nie może przypadać później niż {other}",
  notBefore: "musi przypadać wcześniej niż {other}",
  closed: "wykracza poza godziny przyjęć kalendarza",
  statusChange: "nie można zmienić z {from} na {to}",
  notConfirmed:
    "nie można przenieść, ponieważ status to {status}; przenieść można tylko rezerwację o statusie CONFIRMED",
  externalIdUnknown: "jest wymagane, ponieważ ten kanał nie podał dotąd tej wartości",
  serviceRemoved: "odwołuje się do usługi, która została usunięta",
  serviceInUse: "musi zachować usługę {service}: odwołują się do niej przyszłe rezerwacje ({reservations})",
  unknownService: "odwołuje się do usługi {service}, która nie należy do usług tego kalendarza",
  overlappingIntervals: "nakłada się na {other} w tym samym dniu tygodnia dla tej samej usługi",
  endTooEarly: "nie może przypadać wcześniej niż {date}",

  // Refusals
  noFacility: "nie ma takiej placówki",
  noCalendar: "nie ma takiego kalendarza",
  noService: "nie ma takiej usługi",
  noReservation: "nie ma takiej rezerwacji",
  noBlockedTime: "nie ma takiego zablokowanego czasu",
  noWebhook: "nie ma takiego webhooka",
  noUndelivered: "nie ma takiej niedostarczonej wiadomości",
  tooManyWebhooks: "nie można utworzyć: ten kanał ma już {max} webhooków",
  webhookDisabled:
    "należy do webhooka, który jest wyłączony, ponieważ jego odbiorca odpowiedział 410; utwórz nowy webhook",
  tokenMissing: "wymagany jest token Bearer",
  tokenInvalid: "token jest nieprawidłowy",
  timeBlocked: "ten czas jest zablokowany",
  noCapacity: "w tym czasie nie ma już wolnych miejsc",
  duplicateExternalId: "jest już używane w innym rekordzie tego kanału",
  duplicateRetry: "powtarza rekord, który w ciągu ostatnich 24 godzin został anulowany lub usunięty",
  duplicatePerson: "ta osoba ma już rezerwację na tę usługę i ten czas",
  facilityDenied: "ten token nie ma dostępu do tej placówki",
  accessDenied: "ten token nie ma uprawnień do tej operacji",
  noEndpoint: "nie ma takiego punktu końcowego lub nie obsługuje on tej metody",
  paymentError: "nie można oznaczyć rezerwacji jako opłaconej",

  // Failures
  internal: "błąd wewnętrzny; zapisano go w dzienniku pod identyfikatorem żądania {requestId}",
  rateLimited: "zbyt wiele żądań; spróbuj ponownie później",
  overloaded: "serwer jest przeciążony; spróbuj ponownie później",
  unreachable: "system rezerwacji jest nieosiągalny; spróbuj ponownie później",
  malformedResponse: "system rezerwacji zwrócił niezrozumiałą odpowiedź",
  timeout: "przetwarzanie żądania trwało zbyt długo; spróbuj ponownie później",
  outcomeUnknown: "nie wiadomo, czy zmiana została wprowadzona; sprawdź to przed ponownym wysłaniem",

  // Warnings
  leftOutsideOpening: "te przyszłe rezerwacje wykraczają teraz poza godziny przyjęć: {reservations}",
  leftOverCapacity: "te przyszłe rezerwacje przekraczają teraz liczbę dostępnych miejsc: {reservations}"
}
