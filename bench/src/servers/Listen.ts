/** How a peer tells that it is ready: as `bookio-proxy` does. */
import type { Server } from "node:http"
import type { AddressInfo } from "node:net"

/** Listens on a free port of this machine and tells it. */
export const listen = (server: Server): void => {
  server.listen(0, "127.0.0.1", () => {
    process.stdout.write(`listening on http://127.0.0.1:${(server.address() as AddressInfo).port}\n`)
  })
}
