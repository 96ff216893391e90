/**
 * What the crash test's clients have been told, and what is still open: each record as both channels should see it. A
 * write that was not acknowledged leaves two possibilities, before and after, and nothing between them.
 */
import { assert } from "@effect/vitest"
import { base, booking, type Client, type Row } from "./Support.ts"

type View = Omit<Partial<Row>, "id" | "number">

/** A record as each channel lists it; `undefined` where it is not listed. */
type Views = { readonly cgm: View; readonly web: View } | undefined

interface Write {
  readonly key: string
  readonly token: "cgm" | "web"
  readonly method: string
  readonly path: string
  readonly body: unknown
  readonly after: Views
}

export interface Ids {
  readonly facility: number
  readonly service: number
}

const two = (n: number) => String(n).padStart(2, "0")

/** A pseudo-random sequence of whole numbers below a bound: the same in each run. */
const dice = (seed: number) => {
  let state = seed
  return (below: number) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff
    return (state >> 8) % below
  }
}

const fields = (row: Row): View => {
  const { dateFrom, dateTo, externalId, note } = row
  const shared = { dateFrom, dateTo, ...(externalId === undefined ? {} : { externalId }), note }
  if (row.status === undefined) return shared as View
  const { cancellationReason, duration, email, name, needsSync, phone, service, status } = row
  const reason = cancellationReason === undefined ? {} : { cancellationReason }
  return { ...shared, ...reason, duration, email, name, needsSync, phone, service, status } as View
}

const both = (views: NonNullable<Views>, change: View): Views => ({
  cgm: { ...views.cgm, ...change },
  web: { ...views.web, ...change }
})

const without = (view: View, name: keyof View): View =>
  Object.fromEntries(Object.entries(view).filter(([key]) => key !== name))

export const makeModel = (ids: Ids) => {
  const acknowledged = new Map<string, NonNullable<Views>>()
  const open = new Map<string, Views>()
  const idOf = new Map<string, number>()
  const refused: Array<string> = []
  let next = 1

  const roll = dice(20_260_329)
  const time = (year: number) =>
    `${year}-${two(1 + roll(12))}-${two(1 + roll(28))}T${two(4 + roll(16))}:${two(5 * roll(12))}:00`
  const hourLater = (text: string) => `${text.slice(0, 11)}${two(Number(text.slice(11, 13)) + 1)}${text.slice(13)}`

  const createReservation = (): Write => {
    const externalId = next++
    const body = booking(externalId, ids.facility, ids.service, time(2030))
    const { dateFrom, email, name, note, phone, surname } = body
    const view: View = {
      dateFrom,
      dateTo: hourLater(dateFrom),
      note,
      duration: 60,
      email,
      name: `${name} ${surname}`,
      phone,
      service: ids.service,
      status: "CONFIRMED"
    }
    const after = { cgm: { ...view, externalId, needsSync: false }, web: { ...view, needsSync: true } }
    return { key: `r${externalId}`, token: "cgm", method: "POST", path: "/reservations", body, after }
  }

  const createBlocked = (): Write => {
    const externalId = next++
    const dateFrom = time(2031)
    const view: View = { dateFrom, dateTo: hourLater(dateFrom), note: `blocked ${externalId}` }
    const body = { ...view, externalId, facilityId: ids.facility }
    const after = { cgm: { ...view, externalId }, web: view }
    return { key: `b${externalId}`, token: "cgm", method: "POST", path: "/blocked-times", body, after }
  }

  const changeReservation = (key: string, views: NonNullable<Views>): Write => {
    const at = `/reservations/${idOf.get(key)}`
    const changed = (change: View) => both(views, { ...change, needsSync: true })
    const put = (path: string, body: unknown, after: Views, token: "cgm" | "web" = "cgm"): Write => ({
      key,
      token,
      method: "PUT",
      path: at + path,
      body,
      after
    })
    if (roll(3) === 0) {
      const externalId = 1_000_000 + next++
      return put(
        "/sync",
        { externalId },
        { cgm: views.cgm, web: { ...views.web, externalId, needsSync: false } },
        "web"
      )
    }
    if (views.cgm.status === "CANCELLED") {
      const after = changed({ status: "CONFIRMED" }) as NonNullable<Views>
      const [cgm, web] = [after.cgm, after.web].map((view) => without(view, "cancellationReason"))
      return put("/status", { status: "CONFIRMED" }, { cgm: cgm!, web: web! })
    }
    if (roll(2) === 0) {
      const change = { status: "CANCELLED", cancellationReason: `reason ${next++}` }
      return put("/status", change, changed(change))
    }
    const dateFrom = time(2030)
    const dateTo = hourLater(dateFrom)
    // A move to where it is changes nothing, not even what is to be synced.
    return put("/term", { dateFrom, dateTo }, dateFrom === views.cgm.dateFrom ? views : changed({ dateFrom, dateTo }))
  }

  const changeBlocked = (key: string, views: NonNullable<Views>): Write => {
    const path = `/blocked-times/${idOf.get(key)}`
    const write = { key, token: "cgm", body: undefined } as const
    if (roll(3) === 0) return { ...write, method: "DELETE", path, after: undefined }
    const dateFrom = time(2031)
    const term = { dateFrom, dateTo: hourLater(dateFrom) }
    return { ...write, method: "PUT", path: `${path}/term`, body: term, after: both(views, term) }
  }

  /** A write of which no other client knows: a new record, or one that no write is open for. */
  const pick = (): Write => {
    const kind = roll(10)
    if (kind < 3) return createReservation()
    if (kind < 4) return createBlocked()
    const free = [...acknowledged].filter(([key]) => !open.has(key))
    const chosen = free[roll(Math.max(free.length, 1))]
    if (chosen === undefined) return createReservation()
    return chosen[0].startsWith("r") ? changeReservation(...chosen) : changeBlocked(...chosen)
  }

  return {
    refused,
    /** Sends one write; `true` when it was acknowledged, rejects when the connection broke. */
    write: async (clients: { readonly [token in "cgm" | "web"]: Client }): Promise<void> => {
      const { after, body, key, method, path, token } = pick()
      open.set(key, after)
      const { result, text } = await clients[token].send(method, base + path, body)
      if (!result.success) {
        refused.push(`${method} ${path}: ${text}`)
        return
      }
      const id = result.data?.reservationId ?? result.data?.blockedTimeId
      if (method === "POST" && id !== undefined) idOf.set(key, id)
      if (after === undefined) acknowledged.delete(key)
      else acknowledged.set(key, after)
      open.delete(key)
    },
    /** Compares what is listed with what was told, and takes over what became of the open writes. */
    settle: async (clients: { readonly [token in "cgm" | "web"]: Client }) => {
      const listed = new Map<string, NonNullable<Views>>()
      for (const [prefix, path, member] of [
        ["r", "/reservations", "reservations"],
        ["b", "/blocked-times", "blockedTimes"]
      ] as const) {
        const web = new Map((await clients.web.all(path, member)).map((row) => [row.id, row]))
        for (const row of await clients.cgm.all(path, member)) {
          const key = `${prefix}${row.externalId}`
          assert.isFalse(listed.has(key), `${key} is there twice`)
          listed.set(key, { cgm: fields(row), web: fields(web.get(row.id) as Row) })
          idOf.set(key, row.id)
        }
      }
      let happened = 0
      for (const key of new Set([...acknowledged.keys(), ...open.keys(), ...listed.keys()])) {
        const found = listed.get(key)
        const after = open.get(key)
        if (open.has(key) && JSON.stringify(sorted(found)) === JSON.stringify(sorted(after))) {
          happened += 1
          if (after === undefined) acknowledged.delete(key)
          else acknowledged.set(key, after)
        } else {
          assert.deepStrictEqual(found, acknowledged.get(key), `${key} is as it was acknowledged`)
        }
      }
      const left = open.size
      open.clear()
      return { records: listed.size, open: left, happened }
    }
  }
}

const sorted = (views: Views) =>
  views === undefined
    ? []
    : [views.cgm, views.web].map((view) => Object.entries(view).sort(([a], [b]) => (a < b ? -1 : 1)))
