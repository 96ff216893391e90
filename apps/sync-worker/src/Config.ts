/**
 * The settings file of the worker as a schema: which facilities, through which account, with which practice calendars, and
 * what decides where both sides disagree (sync.md, "What flows"). From it come the check of a file, its JSON Schema, and
 * the page of the documentation.
 */
import { check, saying, whole } from "@bookio-kit/core/scalar/Check"
import { CalendarId, FacilityId, ServiceId } from "@bookio-kit/core/scalar/Id"
import { Email, Name, PersonName, Phone } from "@bookio-kit/core/scalar/Words"
import { Language } from "@bookio-kit/core/text/Text"
import * as Duration from "effect/Duration"
import * as Schema from "effect/Schema"

export const defaultPastDays = 30
export const defaultRetentionDays = { records: 400, conflicts: 400, passes: 400 }

const Text = Schema.String.annotate(saying("notText")).check(check((text: string) => text.trim() !== "", "empty"))

const flag = (description: string, fallback: boolean) =>
  Schema.Boolean.annotate({ ...saying("notBoolean"), description, default: fallback }).pipe(Schema.optionalKey)

const oneOf = <const L extends ReadonlyArray<string>>(allowed: L, description: string) =>
  Schema.Literals(allowed).annotate({
    ...saying("notOneOf", { allowed: allowed.join(", ") }),
    description,
    default: allowed[0]
  })

const time = (description: string, fallback: string) =>
  Schema.DurationFromString.annotate(saying("notDuration"))
    .check(
      check((given: Duration.Duration) => {
        const ms = Duration.toMillis(given)
        return ms >= 1_000 && ms <= 86_400_000
      }, "notDuration")
    )
    .pipe(Schema.annotateEncoded({ ...saying("notDuration"), description, default: fallback }))

// Written in parts, for it is no template.
const form = "$" + "{NAME}"

const variable = /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/

/** `${NAME}`: what stands for it is in the environment, for a secret never stands in the file. */
const Secret = Schema.String.annotate({
  ...saying("notVariable", { form }),
  description: `The environment variable that holds it, written as ${form}; a secret must not stand in the file.`
}).check(
  check((text: string) => variable.test(text), "notVariable", {
    params: { form },
    jsonSchema: { pattern: variable.source }
  })
)

const nonEmpty = <S extends Schema.Top>(item: S, description: string) =>
  Schema.Array(item)
    .annotate({ ...saying("notList"), description })
    .check(check((items: ReadonlyArray<unknown>) => items.length > 0, "empty", { jsonSchema: { minItems: 1 } }))

const kept = (fromDays: number, description: string) =>
  Schema.optionalKey(whole(fromDays, 10_000).annotate({ description, default: defaultRetentionDays.records }))

const CalDav = Schema.Struct({
  url: Text.annotate({ description: "Of the server or of the calendar itself: https, or http of this machine." }),
  calendar: Schema.optionalKey(
    Text.annotate({ description: "Which calendar of the user: its name or path. Not needed where there is one." })
  ),
  username: Schema.optionalKey(Text.annotate({ description: "The user, often an e-mail address." })),
  password: Schema.optionalKey(Secret),
  bearerToken: Schema.optionalKey(Secret),
  owner: Schema.optionalKey(
    Schema.Array(Email).annotate({
      ...saying("notList"),
      description:
        "The doctor's e-mail addresses, by which their own events are told; what the server says where left out."
    })
  ),
  allowPrivateRedirects: flag("Follow redirects from a public to a private address.", false)
}).annotate({ ...saying("notObject"), description: "A calendar on a CalDAV server." })

const Vdir = Schema.Struct({
  path: Text.annotate({ description: "The folder, relative to the settings file." }),
  create: flag(
    "Make the folder, with its marker file, if it is not there and the journal knows nothing of the calendar yet.",
    false
  ),
  owner: Schema.optionalKey(Schema.Array(Email).annotate({ ...saying("notList"), description: "As of caldav." }))
}).annotate({ ...saying("notObject"), description: "A folder of .ics files, one event a file." })

const Hold = Schema.Struct({
  serviceId: ServiceId.annotate({ description: "A hidden service of capacity 1 in the calendar that is served." }),
  name: PersonName.annotate({ description: "Of a person of the practice." }),
  surname: PersonName.annotate({ description: "As name." }),
  email: Email.annotate({ description: "As name." }),
  phone: Phone.annotate({ description: "As name." })
}).annotate({ ...saying("notObject"), description: "What holds are booked with." })

const Calendar = Schema.Struct({
  name: Name.annotate({
    description: "What people and the journal call it; unique in the facility, and not to be changed."
  }),
  serves: nonEmpty(CalendarId, "The ids of the Bookio calendars whose reservations belong here."),
  caldav: Schema.optionalKey(CalDav),
  vdir: Schema.optionalKey(Vdir),
  busy: Schema.optionalKey(
    oneOf(
      ["off", "hold"],
      "What a busy event does where the facility has calendars that this one does not serve: nothing, or reservations of a hidden service."
    )
  ),
  hold: Schema.optionalKey(Hold),
  services: Schema.optionalKey(
    Schema.Array(
      Schema.Struct({
        title: Text.annotate({ description: "What the event's title contains; letter case does not count." }),
        serviceId: ServiceId.annotate({ description: "What such an event books." })
      }).annotate(saying("notObject"))
    ).annotate({
      ...saying("notList"),
      description: "Which service an event with one invited patient means, by its title; the first rule that fits."
    })
  )
}).annotate({ ...saying("notObject"), description: "A practice calendar: one of caldav and vdir." })

const Bookio = Schema.Struct({
  baseUrl: Schema.optionalKey(
    Text.annotate({
      description:
        "The server with its base path, such as https://medic.bookio.com/public/api/v1: https, or http of this machine."
    })
  ),
  database: Schema.optionalKey(
    Text.annotate({ description: "In place of baseUrl: the database of an embedded engine, as sqlite:PATH." })
  ),
  token: Secret,
  extensions: flag("Whether the server is one of bookio-kit.", false),
  routes: Schema.optionalKey(Text.annotate({ description: "A file of routes that differ from the inferred ones." })),
  requestsPerMinute: Schema.optionalKey(
    whole(1, 1_000_000).annotate({ description: "The budget of requests of this account.", default: 600 })
  ),
  identity: Schema.optionalKey(
    Text.annotate({
      description:
        "What the server is known by in the journal, where its URL or path changes: keep what it was. The URL or path where left out."
    })
  )
}).annotate({ ...saying("notObject"), description: "The account that the facility is reached by." })

const Facility = Schema.Struct({
  name: Name.annotate({ description: "What messages call it; unique." }),
  facilityId: FacilityId.annotate({ description: "Its id in Bookio." }),
  bookio: Bookio,
  channel: Schema.optionalKey(
    Name.annotate({
      description: "What the token's channel is known by in the journal; not to be changed.",
      default: "sync"
    })
  ),
  interval: Schema.optionalKey(time("From the start of one pass to that of the next, such as 1 minute.", "30 seconds")),
  conflicts: Schema.optionalKey(
    oneOf(
      ["bookio-wins", "practice-wins"],
      "Whose value stands where both sides changed one; a cancellation always does."
    )
  ),
  onDelete: Schema.optionalKey(
    oneOf(["cancel", "restore", "ask"], "What it means when the practice removes the event of a reservation.")
  ),
  onRefusal: Schema.optionalKey(
    oneOf(["keep", "put-back"], "What happens to a change of the practice that Bookio refuses.")
  ),
  details: Schema.optionalKey(
    oneOf(
      ["initials", "none", "full"],
      "What the practice calendar shows of a reservation: initials, nothing, or name, service and contact."
    )
  ),
  showFullDetails: flag(
    "Must be true for details: full, which sends names, e-mail addresses and phone numbers to whoever keeps the calendar.",
    false
  ),
  notes: flag("Whether the text of the practice's events goes to Bookio.", false),
  tentative: flag("Whether invitations that were accepted tentatively block time.", false),
  language: Schema.optionalKey(
    Language.annotate({
      ...saying("notOneOf", { allowed: "en, sk, cs, de, hu, pl" }),
      description: "Of what is written.",
      default: "en"
    })
  ),
  pastDays: Schema.optionalKey(
    whole(0, 400).annotate({
      description: "Reservations flow if they end after now minus these days.",
      default: defaultPastDays
    })
  ),
  retention: Schema.optionalKey(
    Schema.Struct({
      records: kept(30, "Links of reservations and events, counted from the end of the term; not less than pastDays."),
      conflicts: kept(1, "Conflicts that are resolved, counted from when they were found."),
      passes: kept(2, "How each pass went, and what was removed.")
    }).annotate({ ...saying("notObject"), description: "For how many days the journal keeps what is settled." })
  ),
  deletionBudget: Schema.optionalKey(
    Schema.Struct({
      count: whole(0, 1_000_000).annotate({ description: "Appointments; a series counts once." }),
      percent: whole(0, 100).annotate({ description: "Of all that are linked." })
    }).annotate({
      ...saying("notObject"),
      description:
        "What one side may take away in 24 hours by cancelling, moving and removing; more than both of these stops and asks; 5 and 10 where left out."
    })
  ),
  requestsInFlight: Schema.optionalKey(
    whole(1, 256).annotate({ description: "Requests at the same time.", default: 16 })
  ),
  calendars: nonEmpty(Calendar, "The practice calendars.")
}).annotate(saying("notObject"))

export const Config = Schema.Struct({
  $schema: Schema.optionalKey(
    Text.annotate({ description: "Where an editor finds the JSON Schema of this file; means nothing to the worker." })
  ),
  journal: Schema.optionalKey(
    Text.annotate({ description: "The worker's own database, relative to this file.", default: "bookio-sync.db" })
  ),
  listen: Schema.optionalKey(
    Schema.Struct({
      host: Schema.optionalKey(Text.annotate({ description: "The address to listen on.", default: "127.0.0.1" })),
      port: whole(0, 65_535).annotate({ description: "0 picks a free one." })
    }).annotate({
      ...saying("notObject"),
      description: "Where /healthz, /readyz and /metrics are served; nowhere where left out."
    })
  ),
  facilitiesAtOnce: Schema.optionalKey(
    whole(1, 1_000).annotate({ description: "How many facilities are synchronised at the same time.", default: 8 })
  ),
  lease: Schema.optionalKey(
    time(
      "How long a worker that is gone keeps another one away from a facility, beside 20 seconds; from 30 seconds.",
      "60 seconds"
    )
  ),
  facilities: nonEmpty(Facility, "The facilities.")
}).annotate({ ...saying("notObject"), identifier: "SyncConfig", title: "Settings of bookio-sync" })
export type Config = typeof Config.Type
export type FacilityConfig = Config["facilities"][number]
export type CalendarConfig = FacilityConfig["calendars"][number]
