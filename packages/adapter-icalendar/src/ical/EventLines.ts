/**
 * The lines of an object while one of its events is changed: only the event's own properties, not those of its alarms.
 */
import type { CalendarObject, Component } from "./CalendarObject.ts"
import { joinLines, type Line, makeLine, partsOf } from "./Lines.ts"

/** An object's lines, and which of them are the event's. Every method changes them in place. */
export class EventLines {
  #lines: ReadonlyArray<Line>
  readonly #index: number
  #isChanged = false

  constructor(object: CalendarObject, event: Component) {
    this.#lines = object.lines
    this.#index = object.calendar.components.filter(({ name }) => name === "vevent").indexOf(event)
  }

  /** Whether any line was changed. */
  get isChanged(): boolean {
    return this.#isChanged
  }

  /** Sets a property's value, which is escaped already, and keeps its parameters; `undefined` removes it. */
  set(name: string, value: string | undefined): void {
    const old = this.#own().find(({ line }) => line.name === name)?.line
    // ALTREP points to another form of the old value, VALUE and ENCODING say how it was written.
    const parameters =
      old === undefined ? [] : partsOf(old).parameters.filter((one) => !/^(ALTREP|VALUE|ENCODING)=/i.test(one))
    this.replace(name, value === undefined ? undefined : makeLine(name, value, parameters))
  }

  /** Puts a line in the place of those of its name; a new one comes after `after`, else last. */
  replace(name: string, line: Line | undefined, after?: string): void {
    const own = this.#own()
    const old = own.filter((one) => one.line.name === name).map(({ at }) => at)
    if (old.length === 0 && line === undefined) return
    const before = own.find((one) => one.line.name === after)?.at
    const place = old[0] ?? (before === undefined ? this.#end() : before + 1)
    const kept = (from: number, to?: number) => this.#lines.slice(from, to).filter((_, i) => !old.includes(from + i))
    this.#lines = [...kept(0, place), ...(line === undefined ? [] : [line]), ...kept(place)]
    this.#isChanged = true
  }

  /** Adds the definition of a zone before the first component. */
  addZone(zone: ReadonlyArray<Line>): void {
    const place = this.#lines.findIndex((line, i) => i > 0 && line.name === "BEGIN")
    this.#lines = [...this.#lines.slice(0, place), ...zone, ...this.#lines.slice(place)]
    this.#isChanged = true
  }

  /** Writes the object. */
  text(): string {
    return joinLines(this.#lines)
  }

  /** Where the event's BEGIN stands. */
  #begin(): number {
    let depth = 0
    let seen = -1
    return this.#lines.findIndex((line) => {
      if (line.name === "BEGIN" && ++depth === 2 && /:VEVENT$/i.test(line.text)) return ++seen === this.#index
      if (line.name === "END") depth--
      return false
    })
  }

  /** Where the event's own properties end: at its first component, or at its END. */
  #end(): number {
    const begin = this.#begin()
    return this.#lines.findIndex((line, i) => i > begin && (line.name === "BEGIN" || line.name === "END"))
  }

  /** The event's own properties; some programs write them after its components too. */
  #own(): ReadonlyArray<{ readonly line: Line; readonly at: number }> {
    const own: Array<{ readonly line: Line; readonly at: number }> = []
    let depth = 0
    for (let at = this.#begin(); at < this.#lines.length; at++) {
      const line = this.#lines[at]!
      if (line.name === "BEGIN") depth++
      else if (line.name === "END" && --depth === 0) break
      else if (line.name !== "END" && depth === 1) own.push({ line, at })
    }
    return own
  }
}
