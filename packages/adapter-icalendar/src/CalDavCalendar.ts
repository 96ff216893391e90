/**
 * A practice calendar on a CalDAV server (RFC 4791, 6578, 6764): core's `PracticeCalendar` over effect's `HttpClient`. The
 * calendar is found by its URL or by discovery, once; credentials go to the origin of that URL only, over https, or over
 * plain http to this machine.
 */

import { SettingsError } from "@bookio-kit/core/settings/Settings"
import { PracticeCalendar, type PracticeError } from "@bookio-kit/core/sync/PracticeCalendar"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import type * as HttpClient from "effect/http/HttpClient"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Semaphore from "effect/Semaphore"
import * as Stream from "effect/Stream"
import { isLoopback, systemResolve, systemService } from "./dav/Address.ts"
import { makeChanges } from "./dav/Changes.ts"
import { makeClient } from "./dav/Client.ts"
import { type Collection, discover } from "./dav/Discover.ts"
import { makeListing } from "./dav/Listing.ts"

export interface CalDavOptions {
  /** Of the server or of the calendar itself. */
  readonly url: string
  /** Which of the user's calendars: its display name, its path, or the last segment of it. Not needed where there is one. */
  readonly calendar?: string
  readonly username?: string
  /** Often an app password. */
  readonly password?: Redacted.Redacted<string>
  /** In place of user name and password (RFC 6750). */
  readonly bearerToken?: Redacted.Redacted<string>
  /** The owner's e-mail addresses; what the server tells (`calendar-user-address-set`) where left out. */
  readonly owner?: ReadonlyArray<string>
  /** For a request with its whole answer; 30 seconds where left out. */
  readonly requestTimeout?: Duration.Input
  /** 20 MiB where left out (calendars.md). */
  readonly maxAnswerBytes?: number
  /** Follow redirects from a public to a private address; `false` where left out. */
  readonly allowPrivateRedirects?: boolean
  /**
   * Look whether the place of a new item is free before it is written, at the cost of a request: for servers that do not
   * know `If-None-Match`. Where left out, done for Google and for DavMail.
   */
  readonly checksBeforeCreate?: boolean
}

const passwordOf = ({ password }: CalDavOptions) => password ?? Redacted.make("")

const authorizationOf = ({ bearerToken, password, username }: CalDavOptions) => {
  if (bearerToken !== undefined) return Redacted.make(`Bearer ${Redacted.value(bearerToken)}`)
  if (username === undefined) return undefined
  const pair = `${username}:${password === undefined ? "" : Redacted.value(password)}`
  return Redacted.make(`Basic ${Buffer.from(pair).toString("base64")}`)
}

const urlOf = (options: CalDavOptions): Effect.Effect<URL, SettingsError> => {
  const wrong = (problem: string) =>
    Effect.fail(new SettingsError({ problems: [`the URL of a CalDAV calendar must be an https URL, ${problem}`] }))
  const url = URL.parse(options.url)
  if (url === null) return wrong("and is none")
  const isPlain = url.protocol === "http:" && isLoopback(url.hostname)
  if (url.protocol !== "https:" && !isPlain) return wrong("or an http URL of this machine: a password is sent to it")
  if (url.username !== "" || url.password !== "") return wrong("without a user name or password")
  if (url.search !== "" || url.hash !== "") return wrong("without ? and #")
  return Effect.succeed(url)
}

/**
 * Makes the port. Nothing is sent before it is used.
 *
 * @errors `SettingsError` for a URL that credentials must not be sent to; nothing secret is repeated.
 */
export const make = Effect.fnUntraced(function* (
  options: CalDavOptions
): Effect.fn.Return<PracticeCalendar["Service"], SettingsError, HttpClient.HttpClient> {
  const url = yield* urlOf(options)
  const client = yield* makeClient({
    url,
    authorization: authorizationOf(options),
    login: options.username === undefined ? undefined : { username: options.username, password: passwordOf(options) },
    requestTimeoutMs: Duration.toMillis(options.requestTimeout ?? "30 seconds"),
    maxAnswerBytes: options.maxAnswerBytes ?? 20 * 1024 * 1024,
    allowPrivateRedirects: options.allowPrivateRedirects ?? false,
    resolve: systemResolve,
    findService: systemService
  })
  const one = yield* Semaphore.make(1)
  let known: Collection | undefined
  const owner = options.owner?.map((address) => address.toLowerCase().replace(/^mailto:/, ""))
  const found: Effect.Effect<Collection, PracticeError> = Effect.suspend(() =>
    known !== undefined
      ? Effect.succeed(known)
      : Effect.tap(discover(client, { calendar: options.calendar, owner }), (collection) =>
          Effect.sync(() => {
            known = collection
          })
        )
  ).pipe(one.withPermits(1))
  // A calendar that vanished may be found elsewhere the next time.
  const forget = Effect.sync(() => {
    known = undefined
  })
  const isGone = (error: { readonly _tag: string; readonly reason?: string }) => error.reason === "CalendarNotFound"
  const listing = makeListing(client, found)
  const changes = makeChanges(client, found, { checksBeforeCreate: options.checksBeforeCreate })
  return PracticeCalendar.of({
    list: (window, knownEtags) =>
      Stream.tapError(listing.list(window, knownEtags), (error) => (isGone(error) ? forget : Effect.void)),
    changes: (token, window) =>
      Stream.tapError(listing.changes(token, window), (error) => (isGone(error) ? forget : Effect.void)),
    read: Effect.fn("PracticeCalendar.read")(changes.read),
    create: Effect.fn("PracticeCalendar.create")(changes.create),
    update: Effect.fn("PracticeCalendar.update")(changes.update),
    remove: Effect.fn("PracticeCalendar.remove")(changes.remove)
  })
})

/** The port as a layer. @errors as `make`. */
export const layer = (options: CalDavOptions): Layer.Layer<PracticeCalendar, SettingsError, HttpClient.HttpClient> =>
  Layer.effect(PracticeCalendar)(make(options))
