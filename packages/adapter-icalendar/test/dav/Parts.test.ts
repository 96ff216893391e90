import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import fc from "fast-check"
import { etagOf, isKnown, isOf, isUsable } from "../../src/dav/Etags.ts"
import { nameOf, pathOf, placeOf } from "../../src/dav/Href.ts"
import { propOf, readMultistatus, readPreconditions, textOf } from "../../src/dav/Multistatus.ts"
import { multiget, propfind, syncCollection } from "../../src/dav/Names.ts"
import { readToken, writeToken } from "../../src/dav/Token.ts"
import { escapeXml, readXml } from "../../src/dav/Xml.ts"

const bytes = (text: string) => new TextEncoder().encode(text)
const collection = new URL("https://example.com/dav/cal/")

describe("Xml", () => {
  it.effect("resolves names by the prefixes and defaults that are declared where they stand", () =>
    Effect.gen(function* () {
      const text =
        '<?xml version="1.0"?><d:a xmlns:d="DAV:" xmlns="urn:x"><b/><d:b xmlns:d="urn:y"><d:c>1 &lt; 2</d:c></d:b><d:b xmlns=""><c/></d:b></d:a>'
      const { items, root } = yield* readXml(bytes(text), ({ children, name }) => [
        name,
        ...children.map((c) => c.name)
      ])
      assert.strictEqual(root, "{DAV:}a")
      assert.deepStrictEqual(items, [["{urn:x}b"], ["{urn:y}b", "{urn:y}c"], ["{DAV:}b", "{}c"]])
    })
  )

  it.effect("reads a document after blank lines, and with a byte order mark", () =>
    Effect.gen(function* () {
      for (const before of ["\n", "\r\n \t", "\uFEFF"]) {
        const { root } = yield* readXml(bytes(`${before}<?xml version="1.0"?><a/>\n`), () => undefined)
        assert.strictEqual(root, "{}a")
      }
      assert.isTrue(Result.isFailure(yield* Effect.result(readXml(bytes(" \n"), () => undefined))))
    })
  )

  it.effect("refuses a DTD in any form, what is cut, and what is nested too deep; expands nothing", () =>
    Effect.gen(function* () {
      const entities = Array.from({ length: 30 }, (_, i) => `<!ENTITY e${i + 1} "&e${i};&e${i};">`).join("")
      for (const text of [
        `<!DOCTYPE a [<!ENTITY e0 "x">${entities}]><a>&e30;</a>`,
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
        "<!DOCTYPE a><a/>",
        "<a>&e;</a>",
        "<a><b>",
        "<a></b>",
        "",
        `${"<a>".repeat(100)}${"</a>".repeat(100)}`,
        `<a><b>${"<c/>".repeat(1_500_000)}</b></a>`,
        "<p:a/>"
      ]) {
        assert.isTrue(Result.isFailure(yield* Effect.result(readXml(bytes(text), () => undefined))), text.slice(0, 60))
      }
    })
  )

  it.effect("reads back any text that it escapes", () =>
    Effect.promise(() =>
      fc.assert(
        fc.asyncProperty(fc.string({ unit: "binary" }), async (text) => {
          // What XML 1.0 cannot hold at all, and line ends, which it turns into one form.
          fc.pre(/^[\t\n\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]*$/u.test(text))
          const { items } = await Effect.runPromise(readXml(bytes(`<a><b>${escapeXml(text)}</b></a>`), (b) => b.text))
          assert.deepStrictEqual(items, [text])
        })
      )
    )
  )
})

describe("Multistatus", () => {
  it.effect("gives only properties that are there, in CDATA too", () =>
    Effect.gen(function* () {
      const { responses, syncToken } = yield* readMultistatus(
        bytes(
          '<multistatus xmlns="DAV:"><response><href> /a </href><propstat><prop><x><![CDATA[<1>]]></x></prop><status>HTTP/1.1 200 OK</status></propstat>' +
            "<propstat><prop><y>2</y></prop><status>HTTP/1.1 404 Not Found</status></propstat></response>" +
            "<response><href>/b</href><status>rubbish</status></response><sync-token>t</sync-token></multistatus>"
        )
      )
      assert.strictEqual(textOf(responses[0], "{DAV:}x"), "<1>")
      assert.isUndefined(propOf(responses[0], "{DAV:}y"))
      assert.strictEqual(responses[0]?.href, "/a")
      assert.strictEqual(responses[1]?.status, 0)
      assert.strictEqual(syncToken, "t")
      assert.deepStrictEqual(yield* readPreconditions(bytes("<html><body/></html>")), [])
      assert.deepStrictEqual(yield* readPreconditions(bytes("no XML")), [])
    })
  )

  it.effect("asks in XML that holds any href and token", () =>
    Effect.gen(function* () {
      for (const body of [propfind(["{DAV:}getetag"]), syncCollection("a&<b>", []), multiget(["/a&b<c>.ics"])]) {
        yield* readXml(bytes(body), () => undefined)
      }
      const { items } = yield* readXml(bytes(multiget(["/a&b<c>.ics"])), (child) => child.text || undefined)
      assert.deepStrictEqual(items, ["/a&b<c>.ics"])
    })
  )
})

describe("Href", () => {
  it("has one form for what means the same, and stays in the collection", () => {
    for (const href of ["/dav/cal/a%40b.ics", "a@b.ics", "https://other:81/dav/cal/a@b.ics", "//x/dav/cal/a%40b.ics"]) {
      assert.strictEqual(pathOf(href, collection), "/dav/cal/a@b.ics")
    }
    assert.strictEqual(pathOf("a%2Fb.ics", collection), "/dav/cal/a%2Fb.ics")
    assert.strictEqual(pathOf("%ff.ics", collection), "/dav/cal/%ff.ics")
    assert.strictEqual(placeOf("/dav/cal", collection), "self")
    assert.strictEqual(placeOf("/dav/cal/x.ics", collection), "member")
    assert.strictEqual(placeOf("/dav/cal/x/y.ics", collection), "deeper")
    assert.strictEqual(placeOf("/dav/calendar/x.ics", collection), "outside")
  })

  it("names an item by any UID in one segment of the path", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1 }), (uid) => {
        const path = pathOf(new URL(nameOf(uid), collection).href, collection) ?? ""
        assert.strictEqual(placeOf(path, collection), "member")
        assert.strictEqual(pathOf(path, collection), path)
      })
    )
  })
})

describe("Etags", () => {
  it("are ours where the server's cannot stand in If-Match, and then of the content, however its lines end", () => {
    const [crlf, lf] = ["A:1\r\nB:2 \r\n 3\r\n", "A:1\nB:2 3"]
    assert.strictEqual(etagOf('"x"', crlf), '"x"')
    for (const given of ['W/"x"', undefined, ""]) {
      const own = etagOf(given, crlf)
      assert.isFalse(isUsable(own))
      assert.strictEqual(own, etagOf(given, lf))
      assert.isTrue(isOf(own, 'W/"other"', lf))
      assert.isFalse(isOf(own, given, "A:2"))
    }
    assert.isTrue(isOf('"x"', 'W/"x"', ""))
    assert.isFalse(isOf('"x"', undefined, ""))
    assert.isTrue(isKnown(etagOf('W/"x"', lf), 'W/"x"'))
    assert.isFalse(isKnown(etagOf(undefined, lf), undefined))
    assert.isFalse(isKnown(undefined, '"x"'))
  })
})

describe("Token", () => {
  it("is of one collection", () => {
    const token = { kind: "sync", collection: collection.href, value: "http://x/1" } as const
    assert.deepStrictEqual(readToken(writeToken(token), collection), token)
    assert.isUndefined(readToken(writeToken(token), new URL("https://example.com/dav/other/")))
    for (const text of ["", "x", "{}", "null"]) assert.isUndefined(readToken(text, collection))
  })
})
