/**
 * The practice's side of a sync as its people have it: a folder that a calendar program writes to, or a calendar on a CalDAV
 * server that one speaks HTTP to. What is in it is read from the files, apart from the code under test.
 */
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { notInstalled, type Radicale } from "@bookio-kit/radicale/Radicale"
import { type RawEvent, readRaw, toWall } from "./RawCalendar.ts"

export type Kind = "vdir" | "radicale"

/** The kinds that can run here, each with why not. */
export const kinds: ReadonlyArray<{ readonly kind: Kind; readonly missing: string | undefined }> = [
  { kind: "vdir", missing: undefined },
  { kind: "radicale", missing: notInstalled }
]

export const owner = "doctor@example.com"

export interface Practice {
  readonly kind: Kind
  /** Where its files are. */
  readonly folder: string
  /** The members of a calendar in settings that say where it is. */
  readonly settings: { readonly [name: string]: unknown }
  /** Writes an item under a file name, new or in place of what is there. */
  readonly put: (file: string, text: string) => Promise<void>
  readonly remove: (file: string) => Promise<void>
  /** Its files by name. */
  readonly files: () => ReadonlyMap<string, string>
  /** What is in it: one event a file, the first; files without a whole one are left out. */
  readonly events: () => ReadonlyArray<RawEvent>
  /** Changes an event's text. */
  readonly edit: (event: RawEvent, change: (text: string) => string) => Promise<void>
}

const filesOf = (folder: string): ReadonlyMap<string, string> =>
  new Map(
    readdirSync(folder)
      .filter((name) => name.endsWith(".ics") && !name.startsWith("."))
      .flatMap((name) => {
        try {
          return [[name, readFileSync(join(folder, name), "utf8")] as const]
        } catch {
          // It was removed since it was listed.
          return []
        }
      })
  )

const make = (own: Pick<Practice, "folder" | "kind" | "put" | "remove" | "settings">): Practice => ({
  ...own,
  files: () => filesOf(own.folder),
  events: () =>
    [...filesOf(own.folder)].flatMap(([file, text]) => (text.includes("END:VEVENT") ? [readRaw(file, text)] : [])),
  edit: (event, change) => own.put(event.file, change(event.text))
})

/** A folder, written to as khal does: under another name first. */
export const folderPractice = (folder: string): Practice =>
  make({
    kind: "vdir",
    folder,
    settings: { vdir: { path: folder, create: true, owner: [owner] } },
    put: async (file, text) => {
      const temporary = join(folder, `.${file}.tmp`)
      writeFileSync(temporary, text)
      renameSync(temporary, join(folder, file))
    },
    remove: async (file) => rmSync(join(folder, file))
  })

/** A calendar of a Radicale. @param origin - of what stands before it, where something does. */
export const radicalePractice = (radicale: Radicale, name: string, origin = radicale.url): Practice => {
  const { folder, url } = radicale.addCalendar(name)
  const authorization = `Basic ${Buffer.from(`${radicale.username}:${radicale.password}`).toString("base64")}`
  const ask = async (method: string, file: string, body?: string) => {
    const response = await fetch(url + encodeURIComponent(file), {
      method,
      headers: { authorization, ...(body === undefined ? {} : { "content-type": "text/calendar; charset=utf-8" }) },
      ...(body === undefined ? {} : { body })
    })
    if (!response.ok) throw new Error(`${method} ${file}: ${response.status}`)
  }
  return make({
    kind: "radicale",
    folder,
    settings: {
      caldav: {
        url: new URL(new URL(url).pathname, origin).href,
        username: radicale.username,
        password: `\${RADICALE_PASSWORD}`,
        owner: [owner]
      }
    },
    put: (file, text) => ask("PUT", file, text),
    remove: (file) => ask("DELETE", file)
  })
}

/** A time as iCalendar writes it, of Bratislava. */
export const localLine = (ms: number): string => `;TZID=Europe/Bratislava:${toWall(ms).replace(/[-:]/g, "")}`

/** An event with one line each; a value may begin with parameters. */
export const ics = (uid: string, lines: { readonly [name: string]: string }, ...more: ReadonlyArray<string>): string =>
  [
    "BEGIN:VCALENDAR",
    "VERSION:2.0",
    "PRODID:-//the practice//its program//EN",
    "BEGIN:VEVENT",
    `UID:${uid}`,
    "DTSTAMP:20260101T000000Z",
    ...Object.entries(lines).map(([name, value]) => `${name}${/^[;:]/.test(value) ? "" : ":"}${value}`),
    "END:VEVENT",
    ...more,
    "END:VCALENDAR",
    ""
  ].join("\r\n")

/** A text with a line of its first event set, as a calendar program does. */
export const withLine = (text: string, name: string, value: string): string => {
  const line = `${name}${/^[;:]/.test(value) ? "" : ":"}${value}`
  const own = new RegExp(`^${name}[;:].*(\\r?\\n[ \\t].*)*`, "m")
  const start = text.indexOf("BEGIN:VEVENT")
  const event = text.slice(start)
  return (
    text.slice(0, start) +
    (own.test(event) ? event.replace(own, () => line) : event.replace("BEGIN:VEVENT", () => `BEGIN:VEVENT\r\n${line}`))
  )
}

/** A text with its first event moved. */
export const movedTo = (
  text: string,
  { endMs, startMs }: { readonly startMs: number; readonly endMs: number }
): string => withLine(withLine(text, "DTSTART", localLine(startMs)), "DTEND", localLine(endMs))
