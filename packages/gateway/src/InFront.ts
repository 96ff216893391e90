/** Offers the requests of a server of Node to `Front` before its other listeners hear of them. */
import type { IncomingMessage, Server, ServerResponse } from "node:http"
import type { Take } from "./Front.ts"

/**
 * The server, whose requests are offered to `take` first; it tells of one that was taken and is not answered yet by the event
 * `taken`. A server that closes offers none, for its connections end with their answers.
 */
export const inFront = (server: Server, take: Take): Server => {
  const handOn = server.emit.bind(server)
  const offer = (request: IncomingMessage, response: ServerResponse): boolean => {
    if (!server.listening || !take(request, response, () => handOn("request", request, response))) return false
    if (!response.writableEnded) handOn("taken", request, response)
    return true
  }
  server.emit = (event: string, ...given: Array<unknown>) =>
    (event === "request" && offer(given[0] as IncomingMessage, given[1] as ServerResponse)) || handOn(event, ...given)
  return server
}
