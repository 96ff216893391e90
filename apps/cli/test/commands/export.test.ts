/** `bookio export`, as a process against a listening proxy: whole, stopped, and gone on with. */

import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import type { IncomingMessage, ServerResponse } from "node:http"
import { afterAll, describe, expect, it } from "vitest"
import { databasesOf, done, has, type Row, serving } from "../Databases.ts"
import { start } from "../Harness.ts"

const harness = await start()
afterAll(() => harness.close())
const databases = await databasesOf(harness)
const { path, freshName, linesOf } = databases

describe("export", () => {
  it("writes what the channel sees, page after page, with a first and a last line", async () => {
    const file = freshName(".ndjson")
    const args = ["export", file, "--facility", "1"]
    const ended = await harness.bookio(args)
    await expect(
      harness.transcript(["export", "FILE", "--facility", "1"], {
        ...ended,
        stdout: ended.stdout.replace(file, "FILE")
      })
    ).toMatchFileSnapshot("../golden/export.txt")
    const json = [...args, "--overwrite", "--json"]
    const asJson = await harness.bookio(json)
    await expect(harness.transcript(json, asJson).replaceAll(file, "FILE")).toMatchFileSnapshot(
      "../golden/export-json.txt"
    )
    const lines = linesOf(file)
    expect(lines[0]).toMatchObject({ kind: "export", version: 1, source: "api", facilityId: 1 })
    const { stdout } = await harness.bookio(["reservations", "list", "--facility", "1", "--all", "--json"])
    const listed = JSON.parse(stdout) as ReadonlyArray<Row>
    expect(lines.filter(({ kind }) => kind === "reservation").map(({ id }) => id)).toEqual(listed.map(({ id }) => id))
    expect(lines.at(-1)).toEqual({
      kind: "end",
      complete: true,
      reservations: listed.length,
      blockedTimes: lines.filter(({ kind }) => kind === "blockedTime").length
    })
    expect(statSync(path(file)).mode & 0o777).toBe(0o600)
    expect(readdirSync(harness.folder).filter((name) => name.startsWith(file))).toEqual([file])
    expect((await harness.bookio(args)).exitCode).toBe(78)
    expect((await harness.bookio([...args, "--overwrite"])).exitCode).toBe(0)
  })

  it("writes CSV, and to standard output", async () => {
    const csv = done(await harness.bookio(["export", "--facility", "2", "--format", "csv"])).split("\r\n")
    expect(csv[0]).toMatch(/^kind,id,facilityId,number,status,name,/)
    expect(csv.filter((line) => line.startsWith("reservation,")).length).toBeGreaterThan(100)
  })

  it.skipIf(!has("script"))("shows a bar with rate and time left on a terminal, and takes it away", async () => {
    const file = freshName(".ndjson")
    const command = `${process.execPath} ${harness.bin} export ${file} --facility 1`
    const { status, stdout } = spawnSync("script", ["-qefc", command, "/dev/null"], {
      cwd: harness.folder,
      env: { ...harness.env, TERM: "xterm" },
      encoding: "utf8"
    })
    expect(status).toBe(0)
    expect(stdout.replaceAll("\r\u001b[K", "<clear>")).toMatch(
      /<clear>(\[#+-+\] )?51 % {2}100 of 19\d, \d+\/s, \d+ s left<clear>.*blocked times\.\r\n$/
    )
  })

  it("ends quietly where its reader has seen enough", async () => {
    const ended = await harness.bookio(["export", "--facility", "1"], {
      onStart: (child) => child.stdout?.once("data", () => child.stdout?.destroy())
    })
    expect(ended.stderr).toBe("")
  })

  it("is stopped by Ctrl-C, and the same command goes on from there", async () => {
    const file = freshName(".ndjson")
    const upstream = new URL(harness.env.BOOKIO_BASE_URL ?? "").origin
    let isOpen = false
    let isStopped = () => {}
    const asked: Array<string> = []
    await serving(
      async (request: IncomingMessage, response: ServerResponse) => {
        const asking = request.url ?? ""
        asked.push(asking)
        // The second page does not come before the run was stopped.
        if (!isOpen && /reservations.*offset=[1-9]/.test(asking)) return isStopped()
        const answer = await fetch(`${upstream}${asking}`, { headers: { authorization: "Bearer demo" } })
        response.writeHead(answer.status, {
          "content-type": "application/json",
          date: answer.headers.get("date") ?? ""
        })
        response.end(await answer.text())
      },
      async (url) => {
        const env = { BOOKIO_BASE_URL: `${url}/public/api/v1` }
        const args = ["export", file, "--facility", "1"]
        const first = await harness.bookio(args, {
          env,
          onStart: (child) => {
            isStopped = () => void child.kill("SIGINT")
          }
        })
        expect(first.exitCode).toBe(130)
        expect(first.stderr).toBe(
          `bookio: stopped; the same command goes on from ${file}.partial, --restart begins anew\n`
        )
        expect(
          readdirSync(harness.folder)
            .filter((name) => name.startsWith(file))
            .sort()
        ).toEqual([`${file}.partial`, `${file}.resume`])
        // What a killed run left behind its last checkpoint does not count.
        writeFileSync(
          path(`${file}.partial`),
          `${readFileSync(path(`${file}.partial`), "utf8")}{"kind":"reserv${"x".repeat(1_000_000)}`
        )
        isOpen = true
        asked.length = 0
        const second = await harness.bookio(args, { env })
        expect([second.exitCode, second.stderr]).toEqual([
          0,
          `bookio: goes on with ${file}.partial, behind 100 records\n`
        ])
        expect(asked.some((asked) => /reservations.*offset=0/.test(asked) && !asked.includes("limit=0"))).toBe(false)
        const whole = freshName(".ndjson")
        done(await harness.bookio(["export", whole, "--facility", "1"]))
        expect(linesOf(file).slice(1)).toEqual(linesOf(whole).slice(1))
        expect(readdirSync(harness.folder).filter((name) => name.startsWith(file))).toEqual([file])
      }
    )
  })
})
