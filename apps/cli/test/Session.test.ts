/** How the command is used: profiles, a database without a server, help, completions, and a real terminal. */
import { execFileSync, spawnSync } from "node:child_process"
import { chmodSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest"
import { type Harness, type RunOptions, start } from "./Harness.ts"

let harness: Harness

beforeAll(async () => {
  harness = await start()
})
afterAll(() => harness.close())

const golden = async (name: string, args: ReadonlyArray<string>, options?: RunOptions) => {
  const ended = await harness.bookio(args, options)
  await expect(harness.transcript(args, ended)).toMatchFileSnapshot(`golden/${name}.txt`)
  return ended
}

const has = (command: string) => spawnSync(command, ["--version"], { stdio: "ignore" }).error === undefined

describe("profiles", () => {
  const unset = { BOOKIO_BASE_URL: undefined, BOOKIO_TOKEN: undefined, BOOKIO_EXTENSIONS: undefined }
  const file = () => join(harness.folder, "config/bookio/profiles.json")
  const login = (...args: ReadonlyArray<string>) => ["login", "--base-url", harness.env.BOOKIO_BASE_URL ?? "", ...args]

  it("stores a server whose token was tested, for its owner only", async () => {
    const refused = await golden("login-refused", login("--token-stdin"), { env: unset, input: "wrong\n" })
    expect(refused.exitCode).toBe(4)
    await golden("login", login("--token-stdin", "--name", "demo"), { env: unset, input: "demo\n" })
    await golden("login-json", login("--token-stdin", "--name", "demo", "--json"), { env: unset, input: "demo\n" })
    expect(statSync(file()).mode & 0o777).toBe(0o600)
    expect(JSON.parse(readFileSync(file(), "utf8"))).toMatchObject({
      default: "demo",
      profiles: { demo: { token: "demo", extensions: true } }
    })
    const { stdout } = await harness.bookio(["facilities", "list", "--jq", ".[].id"], { env: unset })
    expect(stdout).toBe("1\n2\n3\n")
  })

  it("sends a stored token to the server only that it was stored for", async () => {
    await harness.bookio(login("--token-stdin", "--name", "demo"), { env: unset, input: "demo" })
    await golden("profile-other-origin", ["facilities", "list"], {
      env: { ...unset, BOOKIO_BASE_URL: "http://127.0.0.1:9/public/api/v1" }
    })
  })

  it("tells profiles that are not there, and a file that others can read", async () => {
    await harness.bookio(login("--token-stdin", "--name", "demo"), { env: unset, input: "demo" })
    await golden("profile-none", ["facilities", "list", "--profile", "other"], { env: unset })
    chmodSync(file(), 0o644)
    const { exitCode, stderr } = await golden("profile-open", ["facilities", "list"], { env: unset })
    chmodSync(file(), 0o600)
    expect({ exitCode, fix: stderr.includes("chmod 600") }).toEqual({ exitCode: 78, fix: true })
  })

  it("needs what it cannot ask for", async () => {
    await golden("login-unasked", ["login"], { env: unset })
  })
})

describe("a database without a server", () => {
  const embedded = (others: RunOptions["env"] = {}): RunOptions => ({
    env: {
      BOOKIO_BASE_URL: undefined,
      BOOKIO_TOKEN: undefined,
      BOOKIO_EXTENSIONS: undefined,
      BOOKIO_DATABASE: `sqlite:${harness.database}`,
      ...others
    }
  })
  const same = [
    ["facilities", "list"],
    ["calendars", "show", "2"],
    ["reservations", "list", "--facility", "1", "--limit", "3", "--json"],
    ["slots", "--facility", "1", "--service", "1", "--from", "2040-06-04"],
    ["agenda", "2040-06-05", "--facility", "2"],
    ["blocked-times", "list", "--csv"],
    ["api", "GET", "/reservations", "-f", "limit=2"]
  ]
  it.for(same)("gives what the server gives: %s %s", async (args) => {
    const [remote, local] = await Promise.all([
      harness.bookio(args),
      harness.bookio([...args, "--channel", "cgm"], embedded())
    ])
    expect(local).toEqual(remote)
  })

  it("checks a token as a server does", async () => {
    const ok = await harness.bookio(["facilities", "list", "--jq", "length"], embedded({ BOOKIO_TOKEN: "demo" }))
    expect(ok.stdout).toBe("3\n")
    await golden("database-token-wrong", ["facilities", "list"], embedded({ BOOKIO_TOKEN: "wrong" }))
  })

  it("writes under an idempotency key once, refusals too, and into the audit log", async () => {
    const create = ["blocked-times", "create", "--facility", "2", "--from", "2042-01-01", "--to", "2042-01-01"]
    const keyed = [...create, "--external-id", "42", "--idempotency-key", "block", "--channel", "cgm", "--json"]
    const first = await harness.bookio(keyed, embedded())
    const again = await harness.bookio(keyed, embedded())
    expect([first.exitCode, again]).toEqual([0, first])
    const taken = [...create, "--external-id", "42", "--idempotency-key", "taken", "--channel", "cgm"]
    const refusals = [await harness.bookio(taken, embedded()), await harness.bookio(taken, embedded())]
    expect(refusals.map(({ exitCode }) => exitCode)).toEqual([40, 40])
    await golden("database-key-reused", [...keyed, "--note", "other"], embedded())
    const audit = await harness.bookio(
      ["api", "GET", "/ext/v1/audit", "-f", "limit=3", "--channel", "cgm", "--jq", ".result.data.entries[].operation"],
      embedded()
    )
    expect(audit.stdout).toContain("createBlockedTime")
  })

  it("tells a database that is not there, and a channel that is none", async () => {
    await golden("database-none", ["facilities", "list"], embedded({ BOOKIO_DATABASE: "sqlite:none.db" }))
    await golden("database-channel", ["facilities", "list"], embedded())
    await golden("database-channel-none", ["facilities", "list", "--channel", "x"], embedded())
  })
})

it("works free terms out where the server has none of its own", async () => {
  for (const service of ["1", "8", "23"]) {
    const facility = { 1: "1", 8: "2", 23: "3" }[service] ?? ""
    const args = ["slots", "--facility", facility, "--service", service, "--from", "2040-06-04", "--json"]
    const own = await harness.bookio(args)
    const workedOut = await harness.bookio(args, { env: { BOOKIO_EXTENSIONS: "false" } })
    expect(JSON.parse(own.stdout).length).toBeGreaterThan(0)
    expect(workedOut.stdout).toBe(own.stdout)
  }
})

describe("help", () => {
  it.for([[], ["reservations"], ["reservations", "list"], ["api"]])("of %s %s", async (path) => {
    await golden(["help", ...path].join("-"), [...path, "--help"])
  })

  it("loads nothing of Effect", () => {
    const hook = `import { registerHooks } from "node:module"
      registerHooks({ load(url, context, next) { process.stderr.write(url + "\\n"); return next(url, context) } })`
    const { stderr } = spawnSync(
      process.execPath,
      ["--import", `data:text/javascript,${encodeURIComponent(hook)}`, harness.bin, "slots", "--help"],
      { encoding: "utf8", env: harness.env }
    )
    const loaded = stderr.split("\n").filter((url) => url.endsWith(".js"))
    expect(loaded.length).toBeGreaterThan(0)
    for (const url of loaded) expect(readFileSync(new URL(url), "utf8")).not.toContain("~effect/")
  })

  it("tells the version", async () => {
    const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"))
    expect((await harness.bookio(["--version"])).stdout).toBe(`bookio ${version}\n`)
  })
})

describe("completions", () => {
  const load = async (shell: string) => {
    const file = join(harness.folder, `completions.${shell}`)
    const { exitCode, stdout } = await harness.bookio(["completions", shell])
    expect(exitCode).toBe(0)
    writeFileSync(file, stdout)
    return file
  }

  it("are loaded by bash, and complete commands and choices", async () => {
    const file = await load("bash")
    const complete = (line: string) =>
      execFileSync(
        "bash",
        [
          "-c",
          `source "$1"; COMP_LINE="$2"; COMP_POINT=\${#COMP_LINE}; read -ra COMP_WORDS <<< "$2"; [[ $2 == *' ' ]] && COMP_WORDS+=(''); COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); $(complete -p bookio | sed 's/.*-F \\([^ ]*\\).*/\\1/') bookio; printf '%s\\n' "\${COMPREPLY[@]}"`,
          "bash",
          file,
          line
        ],
        { encoding: "utf8" }
      ).split("\n")
    expect(complete("bookio res")).toContain("reservations")
    expect(complete("bookio reservations ")).toEqual(expect.arrayContaining(["list", "create", "no-show"]))
    expect(complete("bookio reservations list --fac")).toContain("--facility")
  })

  it.skipIf(!has("zsh"))("are loaded by zsh", async () => {
    const file = await load("zsh")
    const script = `autoload -Uz compinit && compinit -u -D && source "$1" && print $_comps[bookio] && whence -w _bookio`
    expect(execFileSync("zsh", ["-f", "-c", script, "zsh", file], { encoding: "utf8" })).toBe(
      "_bookio\n_bookio: function\n"
    )
  })

  it("are made for fish and PowerShell", async () => {
    const fish = await harness.bookio(["completions", "fish"])
    const powershell = await harness.bookio(["completions", "powershell"])
    expect(fish.stdout).toContain("complete -c bookio")
    expect(powershell.stdout).toContain("Register-ArgumentCompleter")
  })
})

describe.skipIf(!has("tmux"))("a terminal", () => {
  const session = `bookio-${process.pid}`
  const tmux = (...args: ReadonlyArray<string>) =>
    execFileSync("tmux", ["-u", "-L", session, ...args], {
      encoding: "utf8",
      env: { PATH: process.env.PATH, TERM: "xterm" }
    })
  const type = (...keys: ReadonlyArray<string>) => tmux("send-keys", "-t", session, ...keys)
  // A terminal tells nobody when it is done, so it is looked at until it shows what is awaited.
  const shows = (pattern: RegExp) =>
    vi.waitFor(
      () => {
        const screen = tmux("capture-pane", "-p", "-t", session)
        expect(screen).toMatch(pattern)
        return screen
      },
      { timeout: 10_000, interval: 50 }
    )

  beforeAll(() => {
    tmux("new-session", "-d", "-s", session, "-x", "60", "-y", "40", "env -i TERM=screen bash --norc --noprofile")
    const { BOOKIO_BASE_URL: _, BOOKIO_TOKEN: __, BOOKIO_EXTENSIONS: ___, ...env } = harness.env
    const exports = Object.entries({ ...env, PS1: "ready> " }).map(([name, value]) => `export ${name}='${value}'`)
    writeFileSync(
      join(harness.folder, "terminal.sh"),
      `${exports.join("\n")}\nbookio() { '${process.execPath}' '${harness.bin}' "$@"; }\nclear\n`
    )
    type(`. '${join(harness.folder, "terminal.sh")}'`, "Enter")
  })
  afterAll(() => {
    tmux("kill-server")
  })

  it("is asked for server and token, which is not shown, and before a reservation is cancelled", async () => {
    await shows(/^ready>/m)
    type("bookio login --name terminal", "Enter")
    await shows(/Server/)
    type("C-u")
    type(harness.env.BOOKIO_BASE_URL ?? "", "Enter")
    await shows(/Token/)
    type("demo-web", "Enter")
    expect(await shows(/Stored profile/)).not.toContain("demo-web")
    type("clear; bookio facilities list", "Enter")
    const table = await shows(/Brno[\s\S]*ready>/)
    for (const line of table.split("\n")) expect([...line].length).toBeLessThanOrEqual(60)
    type(`clear; bookio reservations cancel ${harness.numberOf(20)}`, "Enter")
    await shows(/Cancel reservation/)
    type("n")
    await shows(/nothing was changed/)
    type(`clear; bookio reservations cancel ${harness.numberOf(20)}`, "Enter")
    await shows(/Cancel reservation/)
    type("y")
    await shows(/was cancelled/)
  })
})
