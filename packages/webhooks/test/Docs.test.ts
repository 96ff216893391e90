/** Tests of what the docs show: the composition of the README, and the verification that receivers paste. */
import { readFileSync } from "node:fs"
import { describe, expect, it } from "@effect/vitest"
import { Redacted } from "effect"
import { signatureHeaders } from "../src/Signature.ts"

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8")
const blocks = (page: string, language: string) =>
  [...page.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, "gm"))].map(([, code = ""]) => code)

interface Example {
  readonly verify: (secret: string, headers: Readonly<Record<string, string>>, body: string) => boolean
}

describe("the docs", () => {
  it("show the composition that is type-checked here", () => {
    const example = read("./ReadmeExample.ts").replace(/^\/\*\*.*\n/, "")
    expect(blocks(read("../README.md"), "ts")).toEqual([example])
  })

  it("verify what is signed, under either secret, and nothing else", async () => {
    const [code = ""] = blocks(read("../../../docs/webhooks.md"), "js")
    const { verify } = (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(code)}`)) as Example
    const [old, secret] = ["MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "C2FVsBQIhrscChlQIMV+b5sSYspob7oD"].map(
      (key) => `whsec_${key}`
    ) as [string, string]
    const signed = { id: "evt_1_2_x", timestamp: Math.floor(Date.now() / 1000), body: '{"id":2}' }
    const headers = signatureHeaders(signed, [Redacted.make(secret), Redacted.make(old)])
    expect(verify(secret, headers, signed.body)).toBe(true)
    expect(verify(old, headers, signed.body)).toBe(true)
    expect(verify(secret, headers, '{"id":3}')).toBe(false)
    expect(verify("whsec_AAAA", headers, signed.body)).toBe(false)
    const late = signatureHeaders({ ...signed, timestamp: signed.timestamp - 301 }, [Redacted.make(secret)])
    expect(verify(secret, late, signed.body)).toBe(false)
  })
})
