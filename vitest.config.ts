import { defineConfig } from "vitest/config"

// Each package runs its own project (`vitest run --root ../.. --project NAME`) and leaves its report where .ci/run adds
// them up.
const project = (name: string, root: string, globalSetup: Array<string> = []) => ({
  extends: true as const,
  test: { name, root, include: ["test/**/*.test.ts"], globalSetup }
})

const packageName = process.env.npm_package_name?.replace("@bookio-kit/", "") ?? "all"
const packageRoot =
  process.env.INIT_CWD === undefined ? "./" : (process.env.npm_package_json ?? "").replace(/package\.json$/, "")

export default defineConfig({
  test: {
    reporters: ["default", "json"],
    outputFile: { json: `${packageRoot}reports/${packageName}.json` },
    testTimeout: 30_000,
    hookTimeout: 60_000,
    projects: [
      project("core", "packages/core"),
      project("sqlite-client", "packages/sqlite-client"),
      project("adapter-sql", "packages/adapter-sql"),
      project("server", "packages/server"),
      project("adapter-bookio", "packages/adapter-bookio"),
      project("gateway", "packages/gateway"),
      project("webhooks", "packages/webhooks"),
      project("conformance", "packages/conformance"),
      project("adapter-icalendar", "packages/adapter-icalendar"),
      project("sync", "packages/sync"),
      project("http-proxy", "apps/http-proxy"),
      project("sync-worker", "apps/sync-worker"),
      project("conformance-cli", "apps/conformance-cli"),
      project("cli", "apps/cli", ["test/Bundled.ts"]),
      project("e2e", "tests/e2e"),
      project("mutants", "tests/mutants"),
      project("skeleton-adapter", "examples/skeleton-adapter"),
      project("bench", "bench")
    ]
  }
})
