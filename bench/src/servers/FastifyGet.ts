/** fastify that answers a small object through a response schema, as its documentation advises. */
import { readFileSync } from "node:fs"
import fastify from "fastify"
import { facilitiesAnswer } from "./Schemas.ts"

const answer: unknown = JSON.parse(readFileSync(process.argv[2] as string, "utf8"))
const app = fastify()
app.get("/public/api/v1/facilities/cgm", { schema: { response: { 200: facilitiesAnswer } } }, () => answer)
const url = await app.listen({ host: "127.0.0.1", port: 0 })
process.stdout.write(`listening on ${url}\n`)
