/** Tests that the README's example is the one that runs, and that what the README lists is what the code has. */
import { readdirSync, readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Effect, Redacted } from "effect"
import { HttpClient, HttpClientResponse } from "effect/http"
import { routes } from "../../src/api/BookioApi.ts"
import { complaints, reservationsFrom } from "./ReadmeExample.ts"

const file = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8")
const readme = file("../../README.md")
const sample = JSON.parse(file("golden/listReservations.json")).response

/** Answers every request with a body, and keeps what was asked. */
const answering = (body: unknown, status: number) => {
  const asked: Array<{ readonly url: string; readonly authorization: string | undefined }> = []
  const client = HttpClient.make((request, url) =>
    Effect.sync(() => {
      asked.push({ url: url.href, authorization: request.headers.authorization })
      return HttpClientResponse.fromWeb(request, Response.json(body, { status }))
    })
  )
  return { asked, client }
}

describe("the example", () => {
  const listed = reservationsFrom("2018-06-29", Redacted.make("a-token"))

  it("stands in the README as it is here", () => {
    const [, code] = file("ReadmeExample.ts").split(/^\/\*\*.*\n/)
    expect(readme).toContain(`\`\`\`ts\n${code}\`\`\``)
  })

  it.effect("sends what the API expects and reads what it answers", () =>
    Effect.gen(function* () {
      const { asked, client } = answering(sample, 200)
      const reservations = yield* Effect.provideService(listed, HttpClient.HttpClient, client)
      expect(asked).toEqual([
        {
          url: "https://medic.bookio.com/public/api/v1/reservations?status=CONFIRMED&limit=50&from=2018-06-29&lang=sk",
          authorization: "Bearer a-token"
        }
      ])
      expect(reservations).toMatchObject([{ id: 123, status: "CONFIRMED", dateFrom: "2018-06-29T12:00:00" }])
    })
  )

  it.effect("fails with the envelope of a failure", () =>
    Effect.gen(function* () {
      const { client } = answering(
        { result: { success: false, errors: ["The token is not valid"], errorCode: 20 } },
        401
      )
      const failure = yield* Effect.flip(Effect.provideService(listed, HttpClient.HttpClient, client))
      expect(failure).toMatchObject({ result: { success: false, errorCode: 20 } })
    })
  )

  it("tells what is wrong in the user's language", () => {
    const body = {
      ...{ name: "Ján", surname: "", email: "jan@example.com", phone: "0905 123 456", dateFrom: "2026-05-04T09:00" },
      ...{ locale: "sk", externalId: 1, serviceId: 1, facilityId: 1 }
    }
    expect(complaints(body, "en")).toEqual(["surname: must not be empty"])
    expect(complaints(body, "sk")).toEqual(["surname: nesmie byť prázdne"])
    expect(complaints({ ...body, surname: "Novák" }, "sk")).toEqual([])
  })
})

describe("the README", () => {
  it("has the route table of the definition", () => {
    const rows = routes().map(
      ({ method, operation, path, provenance }) =>
        `| \`${operation}\` | \`${method} ${path.replace(/:(\w+)/g, "{$1}")}\` | ${provenance} |`
    )
    // The formatter pads tables.
    expect(readme.replace(/ +/g, " ")).toContain(rows.join("\n"))
  })

  it("names every folder of modules, and no module that does not exist", () => {
    const folders = readdirSync(new URL("../../src", import.meta.url)).toSorted()
    const named = [...readme.matchAll(/^\| `([a-z-]+)\/` +\|/gm)].map(([, folder]) => folder!)
    expect(named, "a row of the README for each folder of src").toEqual(folders)
    for (const [, path] of readme.matchAll(/`([a-z-]+\/[A-Z]\w+)`/g)) {
      expect(() => file(`../../src/${path}.ts`), path).not.toThrow()
    }
  })
})
