/** Scratch folders, and a settings file that is right, for tests to break in one place each. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"

/** A folder that is gone when the test ends. */
export const scratch = Effect.acquireRelease(
  Effect.sync(() => mkdtempSync(join(tmpdir(), "bookio-sync-"))),
  (folder) => Effect.sync(() => rmSync(folder, { recursive: true, force: true }))
)

export const environment = { BOOKIO_TOKEN: "secret-token", CALENDAR_PASSWORD: "secret-password" }

export const calendar = {
  name: "Dr Novak",
  serves: [1],
  caldav: { url: "https://cloud.example.com/dav", username: "novak", password: "$" + "{CALENDAR_PASSWORD}" }
}

export const facility = {
  name: "General practice",
  facilityId: 1,
  bookio: { baseUrl: "https://medic.bookio.com/public/api/v1", token: "$" + "{BOOKIO_TOKEN}" },
  calendars: [calendar]
}

/** Writes a settings file into a folder and gives its path. */
export const writeConfig = (folder: string, text: unknown, name = "bookio-sync.json") => {
  const path = join(folder, name)
  writeFileSync(path, typeof text === "string" ? text : JSON.stringify(text))
  return path
}
