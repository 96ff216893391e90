import type { Appointment } from "@bookio-kit/core/sync/Appointment"
import { assert, describe, it } from "@effect/vitest"
import { isForAnother } from "../src/Orphans.ts"

const row = { name: "Eva Malá", email: "eva@example.com" } as Parameters<typeof isForAnother>[1]
const asking = (booking: Appointment["booking"], attendees: Appointment["attendees"] = []) => ({
  attendees,
  ...(booking === undefined ? {} : { booking })
})

describe("isForAnother", () => {
  it("MUST tell by name or address, whatever their case, and by nothing that is not known", () => {
    assert.isFalse(isForAnother(asking({ name: "eva malá ", email: "EVA@example.com" }), row))
    assert.isFalse(isForAnother(asking({ name: "Eva Malá" }), row))
    assert.isFalse(isForAnother(asking(undefined), row))
    assert.isTrue(isForAnother(asking({ name: "Ján Nový", email: "eva@example.com" }), row))
    assert.isTrue(isForAnother(asking({ name: "Eva Malá", email: "jan@example.com" }), row))
    assert.isTrue(isForAnother(asking(undefined, [{ name: "Ján Nový", email: "jan@example.com" }]), row))
  })
})
