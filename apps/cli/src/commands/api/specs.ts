/** `bookio api`: description. */
import { command } from "../../Command.ts"

export const api = command({
  path: ["api"],
  summary: "Sends a request of the API and prints the answer",
  details: [
    "Fields are parameters of the query for GET and DELETE, and members of the JSON body otherwise. On a database the server's own handlers answer, in this process."
  ],
  doing: "send the request",
  flags: {
    field: {
      kind: "text",
      short: "f",
      metavar: "NAME=VALUE",
      many: true,
      description: "A field whose value is a text"
    },
    typed: {
      kind: "text",
      short: "F",
      metavar: "NAME=VALUE",
      many: true,
      description: "A field whose value is JSON: a number, true, false, null, a list"
    },
    input: { kind: "file", metavar: "FILE", description: "The whole body, from a file; - reads standard input" },
    idempotencyKey: { kind: "text", metavar: "KEY", description: "Makes a creating request repeatable" }
  },
  args: {
    method: {
      kind: "choice",
      choices: ["GET", "POST", "PUT", "PATCH", "DELETE"],
      required: true,
      description: "The method"
    },
    path: { kind: "text", required: true, description: "The path below the base URL; /ext/v1/… is the extension" }
  },
  examples: [
    { does: "What the token reaches", line: "api GET /facilities/cgm" },
    {
      does: "A page of reservations",
      line: "api GET /reservations -f status=CONFIRMED -f limit=5 --jq .result.data.pagination"
    },
    { does: "Cancel a reservation", line: "api PUT /reservations/1/status -f status=CANCELLED" }
  ]
})
