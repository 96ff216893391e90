/** `bookio events`: descriptions. */
import { command } from "../../Command.ts"

export const listen = command({
  path: ["events", "listen"],
  summary: "Follows changes of reservations, blocked times and calendars, one line of JSON each",
  details: [
    "Events hold ids, kind and instant only. It goes on by itself after the machine slept, the network was away or the server was restarted, without a loss or a repeat. With --state it also goes on after it was stopped itself.",
    "With --forward-to each event is sent there as an HTTP POST of JSON, one after another and again until it is answered with 2xx: at least once. The place in --state moves on behind that answer only.",
    "Where events are older than the 30 days that a server keeps them, the loss is told on standard error, and a line of kind gap is printed."
  ],
  doing: "follow the changes",
  flags: {
    facility: {
      kind: "text",
      metavar: "FACILITY",
      description: "Only of this facility, by its id or a part of its name"
    },
    after: {
      kind: "count",
      metavar: "ID",
      description: "Events behind this id, 0 for all that are kept; from now on where left out"
    },
    state: { kind: "file", metavar: "FILE", description: "Keeps the place in this file, and goes on behind it" },
    forwardTo: { kind: "text", metavar: "URL", description: "Send each event there: https, or http on this machine" },
    once: { kind: "boolean", description: "End when all is told, instead of waiting for more" }
  },
  args: {},
  examples: [
    { does: "What happens from now on", line: "events listen" },
    { does: "Everything once, for a script", line: "events listen --after 0 --once" },
    {
      does: "For a program on this machine, through restarts",
      line: "events listen --state place.json --forward-to http://127.0.0.1:3000/changes"
    }
  ]
})
