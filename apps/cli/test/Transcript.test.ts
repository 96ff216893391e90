/**
 * A session as someone at a terminal sees it: docs/cli-transcript.md shows it as it was run here. Each command runs in a real
 * pty of 100 columns, its colours are taken away, and of its progress the last bar is kept.
 */
import { spawnSync } from "node:child_process"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { has } from "./Databases.ts"
import { type Harness, start } from "./Harness.ts"

let harness: Harness

beforeAll(async () => {
  harness = await start()
})
afterAll(() => harness.close())

const jana = "--name Jana --surname Nováková --email jana@example.com --phone '+421 905 123 456'"
const petr = "--name Petr --surname Malý --email petr@example.com --phone '+420 603 123 456'"

const session = [
  "login --name demo --base-url URL --token-stdin < token.txt",
  "doctor",
  "agenda 2040-06-05 --facility 2",
  "slots --facility 1 --service 1 --from 2040-06-04 --to 2040-06-04",
  `reservations create --facility 1 --service 1 --from '2040-06-04 12:30' ${jana}`,
  `reservations create --facility 1 --service 1 --from '2040-06-04 12:30' ${petr}`,
  "reservations move ID --from '2040-06-04 14:30'",
  "reservations list --facility 1 --email jana@example.com",
  "export clinic.ndjson --facility 1",
  "reservations cancel ID --reason 'On holiday' --yes"
]

// What the terminal was told to draw over is gone, but for the last bar before it was taken away.
const drawn = (text: string): string => {
  const [first = "", ...frames] = text.split("\r\u001b[K")
  const kept = [
    ...frames
      .slice(0, -1)
      .slice(-1)
      .map((bar) => `${bar}\n`),
    ...frames.slice(-1)
  ]
  return (first + kept.join("")).replaceAll("\r\n", "\n")
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what colours are.
const withoutColors = (text: string) => text.replace(/\u001b\[\d*m/g, "")

const atTerminal = (line: string) => {
  const { BOOKIO_BASE_URL: _, BOOKIO_TOKEN: __, BOOKIO_EXTENSIONS: ___, ...env } = harness.env
  const command = `stty cols 100 rows 50; '${process.execPath}' '${harness.bin}' ${line}`
  const { status, stdout } = spawnSync("script", ["-qefc", command, "/dev/null"], {
    cwd: harness.folder,
    env: { ...env, TERM: "xterm", SHELL: "/bin/sh" },
    encoding: "utf8"
  })
  return { text: drawn(stdout), status }
}

const hasPty = has("script")

it.skipIf(!hasPty)("runs as docs/cli-transcript.md shows it", { timeout: 120_000 }, async () => {
  writeFileSync(join(harness.folder, "token.txt"), "demo\n")
  let id = ""
  let text = ""
  for (const line of session) {
    const ran = line.replace("ID", id)
    const { status, text: output } = atTerminal(ran.replace("URL", harness.env.BOOKIO_BASE_URL ?? ""))
    id = /Reservation (\d+) was created/.exec(output)?.[1] ?? id
    text += `$ bookio ${ran.replace("URL", "http://127.0.0.1:8080/public/api/v1")}\n${withoutColors(output)}${status === 0 ? "" : `(exit code ${status})\n`}\n`
  }
  const steady = harness
    .steady(text)
    .replace(/, \d+\/s/g, ", 2000/s")
    .replace(/\d+ s left/g, "1 s left")
    .replaceAll("127.0.0.1:PORT", "127.0.0.1:8080")
    .replace(/in N ms/g, "in 5 ms")
    .replace(/data VERSION/g, "data 2026a")
    .replace(/request ID/g, "request 5f0c…")
    .replace(/^[a-z0-9]{6}(?= {2}2040-06-04 14:30)/gm, "a2se8w")
    .replaceAll("FOLDER/config", "/home/jana/.config")
    .replace(/ +$/gm, "")
  await expect(steady).toMatchFileSnapshot("golden/session.txt")
})

it.skipIf(!hasPty)("shows the agenda in colours", async () => {
  const command = `stty cols 100 rows 50; '${process.execPath}' '${harness.bin}' agenda 2040-06-05 --facility 2`
  const { stdout } = spawnSync("script", ["-qefc", command, "/dev/null"], {
    env: { ...harness.env, TERM: "xterm", SHELL: "/bin/sh" },
    encoding: "utf8"
  })
  await expect(harness.steady(stdout.replaceAll("\r\n", "\n"))).toMatchFileSnapshot("golden/agenda-colors.txt")
})
