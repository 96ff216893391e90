/** One thing for people: its members under each other. */
import { pad, safe } from "./Width.ts"

/** The lines; members without a value are left out. */
export const detailLines = (details: ReadonlyArray<readonly [string, string | undefined]>): ReadonlyArray<string> => {
  const width = Math.max(...details.map(([name]) => name.length))
  return details.flatMap(([name, value]) =>
    value === undefined || value === "" ? [] : [`${pad(name, width)}  ${safe(value)}`.trimEnd()]
  )
}
