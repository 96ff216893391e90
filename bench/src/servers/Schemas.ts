/** The JSON Schemas by which a fastify server checks what comes and writes what goes. */

const text = { type: "string" } as const
const number = { type: "number" } as const
const whole = { type: "integer" } as const

const success = (data: object) => ({
  type: "object",
  properties: {
    result: { type: "object", properties: { success: { type: "boolean" }, data } }
  }
})

export const facilitiesAnswer = success({
  type: "object",
  properties: {
    facilities: {
      type: "array",
      items: {
        type: "object",
        properties: {
          id: whole,
          name: text,
          address: {
            type: "object",
            properties: {
              street: text,
              city: text,
              postcode: whole,
              country: { type: "object", properties: { name: text, code: text } },
              gps: { type: "object", properties: { latitude: number, longitude: number } }
            }
          },
          contact: { type: "object", properties: { phone: text, email: text } },
          timeZone: text
        }
      }
    }
  }
})

export const reservationsAnswer = success({
  type: "object",
  properties: {
    pagination: { type: "object", properties: { total: whole, offset: whole, limit: whole } },
    reservations: {
      type: "array",
      items: {
        type: "object",
        properties: {
          id: whole,
          externalId: whole,
          number: text,
          name: text,
          email: text,
          phone: text,
          service: whole,
          duration: number,
          created: text,
          dateFrom: text,
          dateTo: text,
          cancelTime: text,
          cancellationReason: text,
          needsSync: { type: "boolean" },
          facilityId: whole,
          note: text,
          status: text
        }
      }
    }
  }
})

export const reservationQuery = {
  type: "object",
  properties: {
    facilityId: { type: "integer", minimum: 1 },
    lastSync: { type: "integer", minimum: 0 },
    from: { type: "string", format: "date" },
    to: { type: "string", format: "date" },
    offset: { type: "integer", minimum: 0 },
    limit: { type: "integer", minimum: 0, maximum: 100 }
  },
  required: ["facilityId"]
} as const

export const newReservation = {
  type: "object",
  properties: {
    name: { type: "string", minLength: 1, maxLength: 100 },
    surname: { type: "string", minLength: 1, maxLength: 100 },
    email: { type: "string", format: "email", maxLength: 254 },
    phone: { type: "string", pattern: "^\\+?[0-9 ()/-]{7,64}$" },
    dateFrom: { type: "string", pattern: "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}$" },
    locale: { type: "string", pattern: "^[a-z]{2}$" },
    externalId: { type: "integer", minimum: 1 },
    serviceId: { type: "integer", minimum: 1 },
    facilityId: { type: "integer", minimum: 1 },
    note: { type: "string", maxLength: 2000 }
  },
  required: ["name", "surname", "email", "phone", "dateFrom", "locale", "externalId", "serviceId", "facilityId"]
} as const

export const reservationAnswer = success({
  type: "object",
  properties: { reservationId: whole, externalId: whole }
})
