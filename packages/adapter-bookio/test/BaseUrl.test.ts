import { assert, describe, it } from "@effect/vitest"
import { Result } from "effect"
import { parseBaseUrl, productionUrl } from "../src/BaseUrl.ts"

describe("parseBaseUrl", () => {
  it("takes https, and http of this machine", () => {
    assert.deepStrictEqual(Result.getOrThrow(parseBaseUrl(productionUrl)), {
      reference: "https://medic.bookio.com/public/api/v1",
      extension: "https://medic.bookio.com/ext/v1"
    })
    for (const host of ["localhost:8080", "127.0.0.1:1", "127.1.2.3", "[::1]:80"]) {
      assert.isTrue(Result.isSuccess(parseBaseUrl(`http://${host}/public/api/v1/`)), host)
    }
  })
  it("keeps a path before the base path, and knows no extension behind another", () => {
    const behind = Result.getOrThrow(parseBaseUrl("https://example.com/proxy/public/api/v1//"))
    assert.deepStrictEqual(behind, {
      reference: "https://example.com/proxy/public/api/v1",
      extension: "https://example.com/proxy/ext/v1"
    })
    assert.isUndefined(Result.getOrThrow(parseBaseUrl("https://example.com/api")).extension)
  })
  it("refuses where a token must not go, and does not repeat the URL", () => {
    for (const url of [
      "http://example.com/public/api/v1",
      "http://127.0.0.1.example.com",
      "http://localhost.example.com",
      "http://0.0.0.0",
      "ftp://localhost",
      "https://user:secret@example.com",
      "https://example.com/?key=secret",
      "https://example.com/#secret",
      "example.com",
      ""
    ]) {
      const parsed = parseBaseUrl(url)
      assert.isTrue(Result.isFailure(parsed), url)
      assert.notInclude(Result.isFailure(parsed) ? parsed.failure.message : "", "secret")
    }
  })
})
