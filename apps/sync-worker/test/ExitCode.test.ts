import { SettingsError } from "@bookio-kit/core/settings/Settings"
import { JournalError, LeaseLost } from "@bookio-kit/core/sync/Journal"
import { assert, describe, it } from "@effect/vitest"
import { Cause, Exit } from "effect"
import * as CliError from "effect/cli/CliError"
import { endingOf } from "../src/ExitCode.ts"
import { NotFound } from "../src/NotFound.ts"
import { RunFailed } from "../src/Run.ts"

describe("endingOf", () => {
  it("MUST be 0 when done, and after a signal", () => {
    assert.deepStrictEqual(endingOf(Exit.void), { code: 0 })
    assert.deepStrictEqual(endingOf(Exit.failCause(Cause.interrupt())), { code: 0 })
  })

  it("MUST be 1 when all failed and 3 when some did, which the command has told by itself", () => {
    assert.deepStrictEqual(endingOf(Exit.fail(new RunFailed({ isPartly: false }))), { code: 1 })
    assert.deepStrictEqual(endingOf(Exit.fail(new RunFailed({ isPartly: true }))), { code: 3 })
  })

  it("MUST be 2 for wrong arguments and 0 for help that was asked for", () => {
    const missing = new CliError.MissingArgument({ argument: "id" })
    assert.deepStrictEqual(endingOf(Exit.fail(missing)), { code: 2 })
    const asked = new CliError.ShowHelp({ commandPath: ["bookio-sync"], errors: [] })
    assert.deepStrictEqual(endingOf(Exit.fail(asked)), { code: 0 })
    const told = new CliError.ShowHelp({ commandPath: ["bookio-sync"], errors: [missing] })
    assert.deepStrictEqual(endingOf(Exit.fail(told)), { code: 2 })
  })

  it("MUST be 12 where there is no such conflict or item", () => {
    const error = new NotFound({ what: "conflict", id: "7" })
    assert.deepStrictEqual(endingOf(Exit.fail(error)), { code: 12, message: "there is no conflict 7" })
  })

  it("MUST be 78 with every problem of the settings", () => {
    const error = new SettingsError({ problems: ["a: is required", "b: is not known"] })
    assert.deepStrictEqual(endingOf(Exit.fail(error)), { code: 78, message: "a: is required\nb: is not known" })
  })

  it("MUST say in one line what another worker, a full disk and a broken journal mean", () => {
    const messageOf = (error: unknown) => {
      const { code, message } = endingOf(Exit.fail(error))
      assert.strictEqual(code, 1)
      return message
    }
    assert.match(messageOf(new LeaseLost({})) ?? "", /^another worker is in a pass over this facility/)
    assert.strictEqual(messageOf(new JournalError({ reason: "Locked" })), "the journal is locked by another process")
    assert.strictEqual(messageOf(new JournalError({ reason: "Full" })), "the journal cannot grow: the disk is full")
    assert.strictEqual(messageOf(new JournalError({ reason: "Internal" })), "the journal cannot be read")
  })

  it("MUST tell a defect by its kind and place, without its message", () => {
    const { code, message } = endingOf(Exit.die(new TypeError("Eva Malá has no phone")))
    assert.strictEqual(code, 1)
    assert.match(message ?? "", /^stopped: .*TypeError/)
    assert.notInclude(message ?? "", "Eva")
  })
})
