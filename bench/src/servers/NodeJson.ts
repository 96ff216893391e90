/** node:http that writes the same page anew for every request, from objects in memory. */
import { readFileSync } from "node:fs"
import { createServer } from "node:http"
import { listen } from "./Listen.ts"

const page: unknown = JSON.parse(readFileSync(process.argv[2] as string, "utf8"))

listen(
  createServer((_, response) => {
    const text = JSON.stringify(page)
    response.writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(text) })
    response.end(text)
  })
)
