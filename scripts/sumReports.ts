/**
 * Adds up the test runners' own reports (`reports/*.json` of each package) and prints the closing line of CI. Fails when a
 * package that has tests left no report, or a test failed.
 */
import { existsSync, globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"

interface Report {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly numFailedTestSuites: number
  readonly success: boolean
}

const packages = globSync(["{packages,apps,tests,examples}/*/package.json", "bench/package.json"])
  .filter((file) => "test" in (JSON.parse(readFileSync(file, "utf8")).scripts ?? {}))
  .map((file) => dirname(file))

let [passed, failed, skipped] = [0, 0, 0]
for (const folder of packages) {
  const [file] = globSync(join(folder, "reports/*.json"))
  if (file === undefined || !existsSync(file)) {
    process.stderr.write(`${folder} left no test report\n`)
    failed += 1
    continue
  }
  const report: Report = JSON.parse(readFileSync(file, "utf8"))
  passed += report.numPassedTests
  failed += report.numFailedTests
  skipped += report.numPendingTests + report.numTodoTests
  // A file that could not be loaded has no failed test.
  if (!report.success && report.numFailedTests === 0) failed += Math.max(1, report.numFailedTestSuites)
}

process.stdout.write(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}\n`)
process.exitCode = failed === 0 && passed > 0 ? 0 : 1
