/**
 * Packs every package that is published and looks at what a user would get: publint's findings, README and licence, and for
 * each module its types and source map. A bundle must run by itself, with nothing installed beside it.
 */
import { execFileSync, spawnSync } from "node:child_process"
import { existsSync, globSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { publint } from "publint"
import { formatMessage } from "publint/utils"

const problems: Array<string> = []
const temporary = mkdtempSync(join(tmpdir(), "bookio-pack-"))

// How a bundle answers at once: a setting that is wrong, or its version.
const trials = [
  { env: { BOOKIO_PROXY_PORT: "none" }, bin: "bookio-proxy", args: [], exitCode: 78 },
  { env: {}, bin: "bookio-sync", args: ["--version"], exitCode: 0 },
  { env: {}, bin: "bookio", args: ["facilities", "list"], exitCode: 78 }
]

for (const manifest of globSync("{packages,apps}/*/package.json")) {
  const folder = dirname(manifest)
  const declared = JSON.parse(readFileSync(manifest, "utf8"))
  if (declared.private === true) continue
  const target = join(temporary, folder.replaceAll(/\W/g, "-"))
  execFileSync("mkdir", [target])
  execFileSync("pnpm", ["pack", "--pack-destination", target], { cwd: folder, stdio: ["ignore", "ignore", "inherit"] })
  const [tarball] = globSync(join(target, "*.tgz"))
  if (tarball === undefined) {
    problems.push(`${folder}: nothing was packed`)
    continue
  }
  execFileSync("tar", ["xzf", tarball, "-C", target])
  const root = join(target, "package")
  for (const file of ["README.md", "LICENSE"]) {
    if (!existsSync(join(root, file))) problems.push(`${folder}: ${file} is not in the package`)
  }
  const modules = globSync(join(root, "dist/**/*.js"))
  if (modules.length === 0) problems.push(`${folder}: dist is not in the package`)
  // What only runs is imported by nobody, so it needs no types.
  for (const module of declared.exports === undefined ? [] : modules) {
    const stem = module.slice(0, -".js".length)
    for (const beside of [`${stem}.d.ts`, `${module}.map`]) {
      if (!existsSync(beside)) problems.push(`${folder}: ${beside.slice(root.length + 1)} is not in the package`)
    }
  }
  const bins: { readonly [name: string]: string } = declared.publishConfig?.bin ?? {}
  for (const { args, bin, env, exitCode } of trials) {
    const file = bins[bin]
    if (file === undefined) continue
    const { status, stderr } = spawnSync(process.execPath, [join(root, file), ...args], {
      cwd: root,
      env: { PATH: process.env.PATH, HOME: target, ...env },
      encoding: "utf8",
      timeout: 20_000
    })
    if (status !== exitCode) problems.push(`${folder}: ${file} ended with ${status} and not ${exitCode}: ${stderr}`)
  }
  const { messages, pkg } = await publint({ pkgDir: root, pack: false, strict: true })
  for (const message of messages) {
    const text = formatMessage(message, pkg ?? {})
    if (message.type === "suggestion") continue
    problems.push(`${folder}: ${text}`)
  }
}

rmSync(temporary, { recursive: true, force: true })
for (const problem of problems) process.stderr.write(`${problem}\n`)
process.exitCode = problems.length === 0 ? 0 : 1
