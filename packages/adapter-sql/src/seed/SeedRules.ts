/** What a seed must keep beyond the form of its members: keys that are unique, references that lead somewhere. */
import { requestProblems } from "@bookio-kit/core/calendar/CalendarRules"
import { fieldOf } from "@bookio-kit/core/text/Problems"
import { about, render } from "@bookio-kit/core/text/Text"
import type { Seed, TokenSeed } from "./Seed.ts"

const repeated = (names: ReadonlyArray<string>, place: (index: number) => string): ReadonlyArray<string> =>
  names.flatMap((name, index) =>
    names.indexOf(name) < index ? [`${place(index)}: "${name}" stands there twice; each must be named once`] : []
  )

const tokenProblems = (token: TokenSeed, path: string, isDemo: boolean): ReadonlyArray<string> => {
  if ((token.token === undefined) === (token.sha256 === undefined)) {
    return [`${path}: give either token or sha256`]
  }
  return token.token === undefined || isDemo || /^[\w-]{43,200}$/.test(token.token)
    ? []
    : [`${path}.token: must have 43 or more characters A-Z a-z 0-9 - _, such as 32 random bytes in base64url`]
}

/** All that is wrong with a seed, each with its path. Tokens themselves are never repeated. */
export const seedProblems = (seed: Seed): ReadonlyArray<string> => {
  const channelNames = new Set(seed.channels.map((channel) => channel.name))
  const facilityKeys = new Set(seed.facilities.map((facility) => facility.key))
  const unknownChannel = (name: string, path: string) =>
    channelNames.has(name) ? [] : [`${path}.channel: there is no channel "${name}" in this seed`]
  return [
    ...repeated(
      seed.facilities.map((facility) => facility.key),
      (index) => `facilities[${index}].key`
    ),
    ...repeated(
      seed.channels.map((channel) => channel.name),
      (index) => `channels[${index}].name`
    ),
    ...seed.facilities.flatMap((facility, f) => {
      const path = `facilities[${f}]`
      const calendars = new Map(facility.calendars.map((calendar) => [calendar.key, calendar]))
      return [
        ...repeated(
          facility.calendars.map((calendar) => calendar.key),
          (index) => `${path}.calendars[${index}].key`
        ),
        ...facility.calendars.flatMap((calendar, c) => [
          ...(calendar.validFrom > calendar.validTo
            ? [`${path}.calendars[${c}].validFrom: must not be after validTo`]
            : []),
          ...requestProblems(calendar).map((problem) =>
            render(
              about(`${path}.calendars[${c}].${fieldOf(problem.path)}`, problem.text.key, problem.text.params),
              "en"
            )
          )
        ]),
        ...(facility.reservations ?? []).flatMap((reservation, r) => {
          const at = `${path}.reservations[${r}]`
          const calendar = calendars.get(reservation.calendar)
          return [
            ...unknownChannel(reservation.channel, at),
            ...(calendar === undefined
              ? [`${at}.calendar: there is no calendar "${reservation.calendar}" in this facility`]
              : calendar.services.some((service) => service.id === reservation.serviceId)
                ? []
                : [`${at}.serviceId: calendar "${reservation.calendar}" has no service ${reservation.serviceId}`])
          ]
        }),
        ...(facility.blockedTimes ?? []).flatMap((blocked, b) =>
          unknownChannel(blocked.channel, `${path}.blockedTimes[${b}]`)
        )
      ]
    }),
    ...seed.channels.flatMap((channel, c) => [
      ...channel.facilities.flatMap((key, index) =>
        facilityKeys.has(key) ? [] : [`channels[${c}].facilities[${index}]: there is no facility "${key}" in this seed`]
      ),
      ...channel.tokens.flatMap((token, index) =>
        tokenProblems(token, `channels[${c}].tokens[${index}]`, seed.demo === true)
      )
    ])
  ]
}
