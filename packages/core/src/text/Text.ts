/**
 * What is said to a user, as a key with parameters, and its rendering in one of the supported languages. Errors carry
 * texts and not sentences, so that the language is chosen where the caller is known: at the edge. A text never holds
 * what the caller sent (a name, an e-mail), only field names, ids and limits; so it may be logged.
 */
import * as Predicate from "effect/Predicate"
import * as Schema from "effect/Schema"
import { cs } from "./Cs.ts"
import { de } from "./De.ts"
import { en } from "./En.ts"
import { hu } from "./Hu.ts"
import { pl } from "./Pl.ts"
import { sk } from "./Sk.ts"

/** The languages of texts (api.md, "Basics"); anything else means `en`. */
export const Language = Schema.Literals(["en", "sk", "cs", "de", "hu", "pl"])
export type Language = typeof Language.Type

/** The key of a text: what the English catalogue has. */
export type TextKey = keyof typeof en

/** A catalogue: the sentence for every key, in one language. */
export type Catalogue = { readonly [K in TextKey]: string }

const catalogues: { readonly [L in Language]: Catalogue } = { en, sk, cs, de, hu, pl }

/** The catalogue of a language. */
export const catalogue = (language: Language): Catalogue => catalogues[language]

/** The language that a `lang` parameter asks for; `en` for none and for one that is not supported. */
export const languageOf = (lang: string | undefined): Language =>
  lang !== undefined && Schema.is(Language)(lang) ? lang : "en"

const isTextKey = (u: unknown): u is TextKey => Predicate.isString(u) && Object.hasOwn(en, u)

/** Something to say: a key, the field it is about (a JSON path such as `services[0].name`), and parameters. */
export const Text = Schema.Struct({
  key: Schema.declare(isTextKey, { expected: "a text key" }),
  field: Schema.optionalKey(Schema.String),
  params: Schema.optionalKey(Schema.Record(Schema.String, Schema.Union([Schema.String, Schema.Finite])))
})
export interface Text {
  readonly key: TextKey
  readonly field?: string
  readonly params?: { readonly [name: string]: string | number }
}

/** Makes a text about a field. */
export const about = (field: string, key: TextKey, params?: Text["params"]): Text =>
  params === undefined ? { key, field } : { key, field, params }

/** Makes a text that is about no field. */
export const say = (key: TextKey, params?: Text["params"]): Text => (params === undefined ? { key } : { key, params })

/**
 * Renders a text in a language: `field: sentence`, or the sentence with a capital where there is no field.
 *
 * @example
 * render(about("name", "tooLong", { max: 100 }), "en") // "name: must have at most 100 characters"
 */
export const render = (text: Text, language: Language): string => {
  const sentence = catalogues[language][text.key].replace(/\{(\w+)\}/g, (_, name: string) =>
    String(text.params?.[name] ?? "")
  )
  return text.field === undefined ? sentence.charAt(0).toUpperCase() + sentence.slice(1) : `${text.field}: ${sentence}`
}
