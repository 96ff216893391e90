/** A page of 100 reservations from text and to text: JSON alone, by core's schemas, and by zod. */
import "effect/schema/SchemaJITCompiler/enable"
import { Success } from "@bookio-kit/core/api/Envelope"
import { Pagination } from "@bookio-kit/core/page/Page"
import { Reservation } from "@bookio-kit/core/reservation/Reservation"
import * as Schema from "effect/Schema"
import { z } from "zod"
import { serve } from "./Serve.ts"

const page = Success(Schema.Struct({ pagination: Pagination, reservations: Schema.Array(Reservation) }))

const zodPage = z.object({
  result: z.object({
    success: z.literal(true),
    errors: z.array(z.string()).optional(),
    data: z.object({
      pagination: z.object({ total: z.int(), offset: z.int(), limit: z.int() }),
      reservations: z.array(
        z.object({
          id: z.int().positive(),
          externalId: z.int().positive().optional(),
          number: z.string().optional(),
          name: z.string(),
          email: z.string().optional(),
          phone: z.string().optional(),
          service: z.int().positive(),
          duration: z.number(),
          created: z.iso.datetime({ local: true }),
          dateFrom: z.iso.datetime({ local: true }),
          dateTo: z.iso.datetime({ local: true }),
          cancelTime: z.iso.datetime({ local: true }).optional(),
          cancellationReason: z.string().optional(),
          needsSync: z.boolean(),
          facilityId: z.int().positive(),
          note: z.string().optional(),
          status: z.enum(["CONFIRMED", "CANCELLED", "DID_NOT_COME"])
        })
      )
    })
  })
})

const time = (index: number) => `2026-01-${String(1 + (index % 28)).padStart(2, "0")}T08:30:00`
const text = JSON.stringify({
  result: {
    success: true,
    data: {
      pagination: { total: 120, offset: 0, limit: 100 },
      reservations: Array.from({ length: 100 }, (_, index) => ({
        id: 998_800 + index,
        externalId: 998_800 + index,
        number: `a2se${(10 + (index % 26)).toString(36)}${index % 10}`,
        name: "Ľubomír Kováčová",
        email: `person${index}@example.com`,
        phone: "+421910998800",
        service: 1 + (index % 10),
        duration: 30,
        created: time(index),
        dateFrom: time(index),
        dateTo: time(index),
        ...(index % 12 === 0 ? { cancelTime: time(index), cancellationReason: "Cant make it." } : {}),
        needsSync: index % 20 === 0,
        facilityId: 1,
        ...(index % 4 === 0 ? { note: "Prosím o potvrdenie telefonicky." } : {}),
        status: index % 12 === 0 ? "CANCELLED" : "CONFIRMED"
      }))
    }
  }
})

const decodePage = Schema.decodeUnknownSync(page)
const encodePage = Schema.encodeSync(page)
const value = decodePage(JSON.parse(text))
const plain: unknown = JSON.parse(text)

const works: { readonly [name: string]: () => unknown } = {
  "JSON.parse": () => JSON.parse(text),
  "core, decode": () => decodePage(JSON.parse(text)),
  "zod, decode": () => zodPage.parse(JSON.parse(text)),
  "JSON.stringify": () => JSON.stringify(plain),
  "core, encode": () => JSON.stringify(encodePage(value))
}

// What is made must not be thrown away unseen.
let seen: unknown

const measure = ({ durationMs, name }: { readonly name: string; readonly durationMs: number }) => {
  const work = works[name]
  if (work === undefined) throw new Error(name)
  const cpu = process.cpuUsage()
  const startedMs = performance.now()
  let count = 0
  let nowMs = startedMs
  while (nowMs - startedMs < durationMs) {
    for (let index = 0; index < 16; index++) seen = work()
    count += 16
    nowMs = performance.now()
  }
  if (seen === undefined) throw new Error(name)
  const { system, user } = process.cpuUsage(cpu)
  return { perSecond: (count * 1000) / (nowMs - startedMs), cpuMicros: (user + system) / count }
}

serve({ measure })
