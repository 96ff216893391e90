/**
 * The Bookio Medical Public API as one definition: from it come the server's routes, the client, the OpenAPI document and
 * the route table. Paths are relative to the base path, so that a client's base URL may be anyone's.
 */
import * as Context from "effect/Context"
import * as HttpApi from "effect/http-api/HttpApi"
import * as OpenApi from "effect/http-api/OpenApi"
import { BlockedTimesGroup } from "./BlockedTimesGroup.ts"
import { CalendarsGroup } from "./CalendarsGroup.ts"
import { ExtensionGroup } from "./ExtensionGroup.ts"
import { FacilitiesGroup } from "./FacilitiesGroup.ts"
import { Provenance } from "./Operation.ts"
import { basePath, extensionPath } from "./Paths.ts"
import { ReservationsGroup } from "./ReservationsGroup.ts"
import { WebhooksGroup } from "./WebhooksGroup.ts"

export { basePath, extensionPath } from "./Paths.ts"

// The version of the published page.
const version = "1.0.4"

/** The 14 operations of the reference. All problems of a request are told at once. */
export class BookioApi extends HttpApi.make("BookioApi")
  .add(FacilitiesGroup, CalendarsGroup, ReservationsGroup, BlockedTimesGroup)
  .annotate(HttpApi.ParseOptions, { errors: "all" })
  .annotate(OpenApi.Title, "Bookio Medical Public API")
  .annotate(OpenApi.Version, version) {}

/** What our own server serves: the reference under its base path, and the extension. */
export class ServerApi extends HttpApi.make("ServerApi")
  .addHttpApi(BookioApi.prefix(basePath))
  .add(ExtensionGroup.prefix(extensionPath), WebhooksGroup.prefix(extensionPath))
  .annotate(HttpApi.ParseOptions, { errors: "all" })
  .annotate(OpenApi.Title, "Bookio Medical Public API, served by bookio-kit")
  .annotate(OpenApi.Version, version)
  .annotate(
    OpenApi.Description,
    `A complete server of the Bookio Medical Public API ${version}. Paths marked as inferred are this project's reading of the reference.`
  ) {}

/** One line of the route table. */
export interface Route {
  readonly operation: string
  readonly method: string
  /** Relative to the base path, with `:name` for path parameters. */
  readonly path: string
  readonly provenance: Provenance["Service"]
}

/** The operations of the reference with their routes and where each is known from, in the reference's order. */
export const routes = (): ReadonlyArray<Route> => {
  const table: Array<Route> = []
  HttpApi.reflect(BookioApi, {
    onGroup: () => {},
    onEndpoint: ({ endpoint, mergedAnnotations }) => {
      table.push({
        operation: endpoint.identifier,
        method: endpoint.method,
        path: endpoint.path,
        provenance: Context.getUnsafe(mergedAnnotations, Provenance)
      })
    }
  })
  return table
}
