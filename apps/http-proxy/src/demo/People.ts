/**
 * The patients of the demonstration: people who do not exist, with Slovak and Czech names and addresses at example.com
 * (RFC 2606), which reach nobody. Assumes lists of names long enough that hundreds of different people come out.
 */
import type { Dice } from "./Dice.ts"

/** A patient, with the names of the seed's members. */
export interface Patient {
  readonly name: string
  readonly surname: string
  readonly email: string
  readonly phone: string
  readonly locale: "sk" | "cs"
}

/** Makes that many patients, no two with one e-mail; nine of ten speak the language of the place, the others its neighbour's. */
export const patients = (dice: Dice, local: Patient["locale"], count: number): ReadonlyArray<Patient> => {
  const neighbour = local === "sk" ? "cs" : "sk"
  const found = new Map<string, Patient>()
  while (found.size < count) {
    const patient = draw(dice, dice.chance(0.9) ? local : neighbour)
    if (!found.has(patient.email)) found.set(patient.email, patient)
  }
  return [...found.values()]
}

/** Makes a draw of patients in which nobody comes again within the next `pause` draws; needs more patients than that. */
export const dealer = (dice: Dice, people: ReadonlyArray<Patient>, pause: number): (() => Patient) => {
  const queue = [...people]
  return () => {
    // Who came last stands at the end, out of reach.
    const [patient] = queue.splice(dice.below(queue.length - pause), 1)
    queue.push(patient!)
    return patient!
  }
}

const draw = (dice: Dice, locale: Patient["locale"]): Patient => {
  const { women, men, surnames, dialCode, prefixes } = names[locale]
  const [ofMan, ofWoman] = dice.pick(surnames)
  const [name, surname] = dice.chance(0.5) ? [dice.pick(women), ofWoman] : [dice.pick(men), ofMan]
  const digits = String(dice.below(1_000_000)).padStart(6, "0")
  return {
    name,
    surname,
    email: `${ascii(name)}.${ascii(surname)}@example.com`,
    phone: `${dialCode}${dice.pick(prefixes)}${digits}`,
    locale
  }
}

const ascii = (text: string): string =>
  text
    .normalize("NFD")
    .replace(/\p{Mark}/gu, "")
    .toLowerCase()

interface Names {
  readonly women: ReadonlyArray<string>
  readonly men: ReadonlyArray<string>
  /** Of a man and of a woman. */
  readonly surnames: ReadonlyArray<readonly [string, string]>
  readonly dialCode: string
  readonly prefixes: ReadonlyArray<string>
}

const words = (text: string): ReadonlyArray<string> => text.split(" ")

const surnamesOf = (text: string): Names["surnames"] =>
  words(text).map((pair) => {
    const [ofMan, ofWoman] = pair.split("/")
    return [ofMan!, ofWoman!]
  })

const names: { readonly [Locale in Patient["locale"]]: Names } = {
  sk: {
    women: words(
      "Mária Anna Zuzana Katarína Eva Jana Ľubica Viera Božena Lucia Kristína Michaela Veronika Natália Simona Soňa"
    ),
    men: words(
      "Jozef Ján Peter Martin Milan Ľubomír Štefan Tomáš Vladimír Matúš Juraj Andrej Marián Samuel Daniel Ľuboš"
    ),
    surnames: surnamesOf(
      "Kováč/Kováčová Horváth/Horváthová Varga/Vargová Tóth/Tóthová Nagy/Nagyová Molnár/Molnárová Szabó/Szabóová " +
        "Baláž/Balážová Polák/Poláková Hudák/Hudáková Kučera/Kučerová Lukáč/Lukáčová Gajdoš/Gajdošová " +
        "Oravec/Oravcová Mihálik/Miháliková Šimko/Šimková Ďurica/Ďuricová Žiak/Žiaková Hruška/Hrušková " +
        "Krajčír/Krajčírová Benko/Benková Čierny/Čierna Vlček/Vlčková Mráz/Mrázová Straka/Straková Šťastný/Šťastná " +
        "Kmeť/Kmeťová Jurík/Juríková Slobodník/Slobodníková Ľalík/Ľalíková"
    ),
    dialCode: "+421",
    prefixes: words("902 903 905 907 908 910 911 915 917 918 940 944 948 949 950 951")
  },
  cs: {
    women: words("Marie Jana Eva Hana Anna Lenka Kateřina Věra Lucie Alena Tereza Barbora Markéta Zdeňka Květa Růžena"),
    men: words(
      "Jiří Jan Petr Pavel Jaroslav Martin Tomáš Miroslav František Zdeněk Václav Lukáš Ondřej Vojtěch Matěj Řehoř"
    ),
    surnames: surnamesOf(
      "Svoboda/Svobodová Novotný/Novotná Dvořák/Dvořáková Černý/Černá Procházka/Procházková Kučera/Kučerová " +
        "Veselý/Veselá Krejčí/Krejčí Horák/Horáková Němec/Němcová Pokorný/Pokorná Pospíšil/Pospíšilová " +
        "Hájek/Hájková Jelínek/Jelínková Král/Králová Růžička/Růžičková Beneš/Benešová Fiala/Fialová " +
        "Sedláček/Sedláčková Zeman/Zemanová Kolář/Kolářová Čermák/Čermáková Vaněk/Vaňková Urban/Urbanová " +
        "Kříž/Křížová Říha/Říhová Šimek/Šimková Ševčík/Ševčíková Žák/Žáková Doležal/Doležalová"
    ),
    dialCode: "+420",
    prefixes: words("702 720 721 723 724 728 731 732 736 737 739 773 775 776 777 792")
  }
}
