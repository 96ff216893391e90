/**
 * A calendar object as properties and components: ical.js parses, this gives its jCal (RFC 7265) types. ical.js keeps
 * zones in a global registry; nothing here or elsewhere in this folder touches it, so that no object's VTIMEZONE is taken
 * for another's.
 */
import ICAL from "ical.js"
import { maxObjectBytes, Problem } from "./Limits.ts"
import { type Line, partsOf, splitLines } from "./Lines.ts"

/** A property: name and parameter names in lower case, each value as jCal has it. */
export interface Property {
  readonly name: string
  readonly parameters: Readonly<Record<string, unknown>>
  /** The value's type in lower case; `unknown` for what only its writer knows. */
  readonly type: string
  readonly values: ReadonlyArray<unknown>
}

/** A component: name in lower case. */
export interface Component {
  readonly name: string
  readonly properties: ReadonlyArray<Property>
  readonly components: ReadonlyArray<Component>
}

/** An object and its lines. */
export interface CalendarObject {
  readonly lines: ReadonlyArray<Line>
  readonly calendar: Component
}

/** Parses one calendar object. @throws `Problem` */
export const parseObject = (text: string): CalendarObject => {
  if (text.length > maxObjectBytes || Buffer.byteLength(text) > maxObjectBytes) {
    throw new Problem(`The object is larger than ${maxObjectBytes / 1024} KiB; remove its attachments`)
  }
  const lines = splitLines(text)
  if (lines[0]?.text.toUpperCase() !== "BEGIN:VCALENDAR")
    throw new Problem("The object does not begin with BEGIN:VCALENDAR")
  checkNesting(lines)
  return { lines, calendar: componentOf(parse(lines)) }
}

/** Gives a property of a component, the first of its name. */
export const property = (component: Component, name: string): Property | undefined =>
  component.properties.find((candidate) => candidate.name === name)

/** Gives all properties of a name. */
export const propertiesOf = (component: Component, name: string): ReadonlyArray<Property> =>
  component.properties.filter((candidate) => candidate.name === name)

/** Gives a property's value as text; "" where it is missing. */
export const textOf = (component: Component, name: string): string => {
  const value = property(component, name)?.values[0]
  return typeof value === "string" ? value : ""
}

/** Gives a parameter's value, the first where it has several. */
export const parameterOf = (of: Property, name: string): string | undefined => {
  const value = of.parameters[name]
  const first: unknown = Array.isArray(value) ? value[0] : value
  return typeof first === "string" ? first : undefined
}

/** ical.js ends a component at any END. */
const checkNesting = (lines: ReadonlyArray<Line>): void => {
  const open: Array<string> = []
  for (const [index, line] of lines.entries()) {
    const name = line.text
      .slice(line.text.indexOf(":") + 1)
      .trim()
      .toUpperCase()
    if (line.name === "BEGIN") open.push(name)
    else if (line.name === "END" && open.pop() !== name) {
      throw new Problem(`Content line ${index + 1} of the object ends a component that is not open`)
    }
    if (open.length === 0 && index < lines.length - 1) throw new Problem("There is more than one calendar object")
  }
  if (open.length > 0) throw new Problem("The object is cut off: a component does not end")
}

const dates: ReadonlySet<string> = new Set(["DTSTART", "DTEND", "RECURRENCE-ID", "EXDATE", "RDATE"])

/** A line as the parser wants it, where programs are known to write it otherwise and mean but one thing. */
const parsedText = (line: Line): string => {
  const { parameters, value } = partsOf(line)
  const put = (more: ReadonlyArray<string>, to: string) => `${[line.name, ...parameters, ...more].join(";")}:${to}`
  // Names and values of rules are the same in any case (RFC 5545, 2); some programs put blanks into lists.
  if (line.name === "RRULE") return put([], value.replace(/[ \t]/g, "").toUpperCase())
  // A day without VALUE=DATE.
  if (dates.has(line.name) && /^\d{8}(?:,\d{8})*\s*$/.test(value) && !parameters.some((one) => /^VALUE=/i.test(one))) {
    return put(["VALUE=DATE"], value.trim())
  }
  return line.text
}

const parse = (lines: ReadonlyArray<Line>): unknown => {
  try {
    return ICAL.parse(lines.map(parsedText).join("\r\n"))
  } catch {
    // The parser's message quotes the line, which may be a patient's; only its number and a standard name may be told.
    const index = lines.findIndex((line) => !isProperty(line))
    const name = lines[index]?.name ?? ""
    const named =
      index < 0
        ? "A content line"
        : `Content line ${index + 1}${/^[A-WYZ][A-Z-]{1,20}$/.test(name) ? ` (${name})` : ""}`
    throw new Problem(`${named} of the object is not as RFC 5545 has it`)
  }
}

const isProperty = (line: Line): boolean => {
  if (line.name === "BEGIN" || line.name === "END") return true
  try {
    ICAL.parse.property(parsedText(line))
    return true
  } catch {
    return false
  }
}

const componentOf = (jCal: unknown): Component => {
  const [name, properties, components] = Array.isArray(jCal) ? (jCal as ReadonlyArray<unknown>) : []
  return {
    name: String(name),
    properties: Array.isArray(properties) ? properties.map(propertyOf) : [],
    components: Array.isArray(components) ? components.map(componentOf) : []
  }
}

const propertyOf = (jCal: unknown): Property => {
  const [name, parameters, type, ...values] = Array.isArray(jCal) ? (jCal as ReadonlyArray<unknown>) : []
  return { name: String(name), parameters: { ...(parameters as object) }, type: String(type), values }
}
