/**
 * What a server said, as texts of ours: its sentences are compared with the catalogues, so that an error of a bookio-kit
 * server keeps its field and its key over any number of hops, and in any language. A sentence of any other server never
 * becomes part of an error, for it may hold what the caller sent; it can be shown by `saidBy`.
 */
import { catalogue, type Language, type Text, type TextKey } from "@bookio-kit/core/text/Text"

interface Pattern {
  readonly key: TextKey
  readonly sentence: RegExp
  readonly params: ReadonlyArray<string>
}

const escaped = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&")

const patternOf = (key: TextKey, template: string): Pattern => {
  const params: Array<string> = []
  const source = template.split(/(\{\w+\})/).map((part) => {
    const name = /^\{(\w+)\}$/.exec(part)?.[1]
    if (name === undefined) return escaped(part)
    params.push(name)
    return "(.{0,500}?)"
  })
  // A sentence without a field begins with a capital.
  return { key, params, sentence: new RegExp(`^${source.join("")}$`, "iu") }
}

const compiled = new Map<Language, ReadonlyArray<Pattern>>()

const patternsOf = (language: Language): ReadonlyArray<Pattern> => {
  const known = compiled.get(language)
  if (known !== undefined) return known
  const entries = Object.entries(catalogue(language)) as ReadonlyArray<[TextKey, string]>
  // Those without parameters first: they are exact.
  const patterns = entries
    .map(([key, template]) => patternOf(key, template))
    .sort((a, b) => a.params.length - b.params.length)
  compiled.set(language, patterns)
  return patterns
}

const matched = (sentence: string, language: Language): Omit<Text, "field"> | undefined => {
  for (const { key, params, sentence: pattern } of patternsOf(language)) {
    const values = pattern.exec(sentence)?.slice(1)
    if (values === undefined) continue
    if (params.length === 0) return { key }
    const value = (text: string) => (/^-?\d{1,15}$/.test(text) ? Number(text) : text)
    return { key, params: Object.fromEntries(params.map((name, index) => [name, value(values[index] ?? "")])) }
  }
  return undefined
}

/** The text that a sentence renders in a language, in English otherwise; none for a sentence that is not ours. */
export const textOf = (sentence: string, language: Language): Text | undefined => {
  const [, field, rest] = /^([A-Za-z_][\w.[\]]{0,99}): (.+)$/su.exec(sentence) ?? []
  for (const spoken of language === "en" ? (["en"] as const) : ([language, "en"] as const)) {
    const text = field === undefined ? matched(sentence, spoken) : matched(rest ?? "", spoken)
    if (text !== undefined) return field === undefined ? text : { ...text, field }
  }
  return undefined
}

const said = new WeakMap<object, ReadonlyArray<string>>()

/** Remembers what the server said beside an error; the error itself does not hold it. */
export const remember = <E extends object>(error: E, sentences: ReadonlyArray<string>): E => {
  said.set(error, sentences)
  return error
}

/**
 * The sentences that came with an error, in the language that the caller asked for; none for an error of this process.
 * To be shown to that caller, never logged: another server's sentences may repeat what the caller sent.
 */
export const saidBy = (error: object): ReadonlyArray<string> => said.get(error) ?? []
