#!/usr/bin/env node
// Answers `--version` before anything is loaded, and the help before Effect is. An import by name of `node:fs` loads the streams
// too, and so does standard output: each takes as long as all the rest of these answers.
const { readFileSync, writeSync } = process.getBuiltinModule("node:fs")

const version = (): string =>
  (JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8")) as { readonly version: string })
    .version

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code

// A reader such as `head` that has seen enough is no error, and one that is slow is left to the stream.
const say = (text: string): void => {
  let bytes = Buffer.from(text)
  try {
    while (bytes.length > 0) bytes = bytes.subarray(writeSync(1, bytes))
  } catch (error) {
    if (codeOf(error) === "EAGAIN") process.stdout.write(bytes)
    else if (codeOf(error) !== "EPIPE") throw error
  }
}

const argv = process.argv.slice(2)
if (argv.length === 1 && argv[0] === "--version") say(`bookio ${version()}\n`)
else {
  const { main } = await import("./Main.ts")
  await main(argv, { say, version })
}
