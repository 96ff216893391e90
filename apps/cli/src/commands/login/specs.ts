/** `bookio login`: description. */
import { command } from "../../Command.ts"

export const login = command({
  path: ["login"],
  summary: "Asks for a server and its token, tests and stores them",
  details: [
    "What is not given is asked for at a terminal. The token is never shown, and stored in a file that only you can read. The profile that is stored last is the usual one."
  ],
  doing: "log in",
  flags: {
    name: { kind: "text", description: "What to call the profile; default where left out" },
    baseUrl: {
      kind: "text",
      metavar: "URL",
      description: "The server; https://medic.bookio.com/public/api/v1 is proposed"
    },
    database: { kind: "file", metavar: "PATH", description: "The database of an engine instead of a server" },
    tokenStdin: { kind: "boolean", description: "Read the token from standard input" }
  },
  args: {},
  fields: ["profile", "facilities", "extensions"],
  examples: [
    { does: "Asks for all it needs", line: "login" },
    {
      does: "In a script",
      line: "login --name demo --base-url http://127.0.0.1:8080/public/api/v1 --token-stdin < token.txt"
    },
    { does: "A database, without a token", line: "login --name local --database data/bookio.db --channel cgm" }
  ]
})
