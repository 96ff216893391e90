import { assert, describe, it } from "@effect/vitest"
import { isLoopback } from "../src/Loopback.ts"

describe("isLoopback", () => {
  it.each(["127.0.0.1", "127.0.0.2", "127.255.255.254", "::1", "localhost"])("is true of %s", (host) => {
    assert.isTrue(isLoopback(host))
  })

  it.each([
    "0.0.0.0",
    "::",
    "10.0.0.1",
    "192.168.1.127",
    "128.0.0.1",
    "1.127.0.0.1",
    "127.0.0.1.example.com",
    "localhost.example.com",
    "::ffff:10.0.0.1",
    ""
  ])("is false of %s", (host) => {
    assert.isFalse(isLoopback(host))
  })
})
