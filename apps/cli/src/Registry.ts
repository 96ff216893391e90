/** All commands, in the order of the help. A command is a description, and a module that is loaded when it is used. */
import { administrative } from "./Administrative.ts"
import { type Entry, entry } from "./Command.ts"
import * as agenda from "./commands/agenda/specs.ts"
import * as api from "./commands/api/specs.ts"
import * as blockedTimes from "./commands/blocked-times/specs.ts"
import * as calendars from "./commands/calendars/specs.ts"
import * as completions from "./commands/completions/specs.ts"
import * as doctor from "./commands/doctor/specs.ts"
import * as facilities from "./commands/facilities/specs.ts"
import * as login from "./commands/login/specs.ts"
import * as reservations from "./commands/reservations/specs.ts"
import * as slots from "./commands/slots/specs.ts"

export const entries: ReadonlyArray<Entry> = [
  entry(facilities.list, () => import("./commands/facilities/list.ts")),
  entry(calendars.list, () => import("./commands/calendars/list.ts")),
  entry(calendars.show, () => import("./commands/calendars/show.ts")),
  entry(calendars.create, () => import("./commands/calendars/create.ts")),
  entry(calendars.update, () => import("./commands/calendars/update.ts")),
  entry(calendars.end, () => import("./commands/calendars/end.ts")),
  entry(reservations.list, () => import("./commands/reservations/list.ts")),
  entry(reservations.show, () => import("./commands/reservations/show.ts")),
  entry(reservations.create, () => import("./commands/reservations/create.ts")),
  entry(reservations.move, () => import("./commands/reservations/move.ts")),
  entry(reservations.confirm, () => import("./commands/reservations/confirm.ts")),
  entry(reservations.cancel, () => import("./commands/reservations/cancel.ts")),
  entry(reservations.noShow, () => import("./commands/reservations/noShow.ts")),
  entry(reservations.sync, () => import("./commands/reservations/sync.ts")),
  entry(blockedTimes.list, () => import("./commands/blocked-times/list.ts")),
  entry(blockedTimes.create, () => import("./commands/blocked-times/create.ts")),
  entry(blockedTimes.move, () => import("./commands/blocked-times/move.ts")),
  entry(blockedTimes.remove, () => import("./commands/blocked-times/delete.ts")),
  entry(slots.slots, () => import("./commands/slots/slots.ts")),
  entry(agenda.agenda, () => import("./commands/agenda/agenda.ts")),
  ...administrative,
  entry(api.api, () => import("./commands/api/api.ts")),
  entry(login.login, () => import("./commands/login/login.ts")),
  entry(doctor.doctor, () => import("./commands/doctor/doctor.ts")),
  entry(completions.completions, () => import("./commands/completions/completions.ts"))
]
