/** The peer of the gateway's pass-through: undici's dispatch by hand behind node:http, with no header but those it needs. */
import { createServer } from "node:http"
import { Pool } from "undici"
import { listen } from "./Listen.ts"

const upstream = process.argv[2] as string
const pool = new Pool(upstream, { connections: 64, pipelining: 1 })

listen(
  createServer((request, response) => {
    pool.dispatch(
      {
        method: "GET",
        path: request.url as string,
        headers: { authorization: request.headers.authorization as string, accept: "application/json" }
      },
      {
        onRequestStart: () => {},
        onResponseStart: (_, statusCode, headers) => {
          response.writeHead(statusCode, {
            "content-type": headers["content-type"] as string,
            "content-length": headers["content-length"] as string
          })
        },
        onResponseData: (_, chunk) => {
          response.write(chunk)
        },
        onResponseEnd: () => {
          response.end()
        },
        onResponseError: () => {
          response.destroy()
        }
      }
    )
  })
)
