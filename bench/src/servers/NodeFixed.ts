/** The limit: node:http that answers every request with the bytes of a file, read once. */
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import { listen } from "./Listen.ts"

const bytes = readFileSync(process.argv[2] as string)

listen(
  createServer((_, response) => {
    response.writeHead(200, { "content-type": "application/json", "content-length": bytes.length })
    response.end(bytes)
  })
)
