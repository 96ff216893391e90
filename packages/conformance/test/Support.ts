/** A subject with nothing behind it but what it declares: enough for laws that are made up. */
import { Caller } from "@bookio-kit/core/access/Caller"
import { Capabilities } from "@bookio-kit/core/backend/Capabilities"
import { BlockedTimes } from "@bookio-kit/core/blocked-time/BlockedTimes"
import { Calendars } from "@bookio-kit/core/calendar/Calendars"
import { Events } from "@bookio-kit/core/event/Events"
import { Facilities } from "@bookio-kit/core/facility/Facilities"
import { Reservations } from "@bookio-kit/core/reservation/Reservations"
import { ChannelId } from "@bookio-kit/core/scalar/Id"
import { Slots } from "@bookio-kit/core/slot/Slots"
import { Effect, Layer, Stream } from "effect"
import * as Subject from "../src/Subject.ts"

const unused = () => Effect.die(new Error("not part of this test"))

/** What the backend declares unless told: all of it. */
export const capable: Capabilities["Service"] = {
  slots: true,
  offsets: true,
  channelFlags: true,
  duplicateIds: true,
  lateRetries: true,
  personDuplicates: true,
  events: true
}

/** Ports that list no facility and do nothing else. */
export const ports = (declared: Partial<Capabilities["Service"]> = {}): Layer.Layer<Subject.Ports> =>
  Layer.mergeAll(
    Layer.succeed(Facilities)(Facilities.of({ list: Effect.succeed([]) })),
    Layer.succeed(Calendars)(Calendars.of({ list: unused, create: unused, update: unused, end: unused })),
    Layer.succeed(Reservations)(
      Reservations.of({
        list: unused,
        create: unused,
        changeStatus: unused,
        changeTerm: unused,
        confirmSync: unused
      })
    ),
    Layer.succeed(BlockedTimes)(BlockedTimes.of({ list: unused, create: unused, changeTerm: unused, remove: unused })),
    Layer.succeed(Slots)(Slots.of({ list: unused })),
    Layer.succeed(Events)(Events.of({ list: unused, follow: () => Stream.fromEffect(unused()), newest: unused() })),
    Layer.succeed(Capabilities)({ ...capable, ...declared })
  )

/** The caller of these tests. */
export const caller = { channelId: ChannelId.make(1), access: "write" } as const

/** A subject over them. */
export const subject = (declared?: Partial<Capabilities["Service"]>) =>
  Subject.layerCallers(ports(declared), { first: caller })

/** The id of the channel that asks. */
export const channel = Effect.map(Caller, ({ channelId }) => channelId)
