// Texts by key, in the reader's language. Each catalogue is a file of its own; the one that is needed is
// fetched before the first page is drawn (the document says which, so it comes along with the script).
import { signal } from "@preact/signals";
import type { Language } from "./choice.ts";
import { choose, figuresTag, keptAs } from "./choice.ts";
import type { en } from "./en.ts";

export type Plural = { one: string; other: string };
export type Message = string | Plural;
export type Key = keyof typeof en;
export type Catalogue = Record<Key, Message>;
export type Values = Record<string, string | number>;

const loaders: Record<Language, () => Promise<Catalogue>> = {
  en: async () => (await import("./en.ts")).en,
  de: async () => (await import("./de.ts")).de,
  es: async () => (await import("./es.ts")).es,
  fr: async () => (await import("./fr.ts")).fr,
};

interface Shown {
  language: Language;
  texts: Partial<Catalogue>;
  plural: Intl.PluralRules;
}

const shown = signal<Shown>({ language: "en", texts: {}, plural: new Intl.PluralRules("en") });

/** Read while rendering: who does is drawn again when the reader takes another language. */
export const language = (): Language => shown.value.language;

/** The tag that figures and dates are written by: the language of the texts, in the reader's region. */
export function locale(): string {
  return figuresTag(language(), typeof navigator === "undefined" ? [] : navigator.languages);
}

/** From here on texts are these. */
export function show(language: Language, texts: Catalogue): void {
  shown.value = { language, texts, plural: new Intl.PluralRules(language) };
  if (typeof document !== "undefined") document.documentElement.lang = language;
}

/** A name that is written from right to left must not turn what stands around it. */
const apart = (value: string): string =>
  /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/.test(value) ? `\u2068${value}\u2069` : value;

/** Puts values into `{name}` places, numbers as the reader writes them. The count that chooses the plural is `n`. */
export function fill(message: Message, values: Values, plural: "one" | "other"): string {
  const text = typeof message === "string" ? message : message[plural];
  return text.replace(/\{(\w+)\}/g, (whole, name: string) =>
    name in values ? apart(values[name].toLocaleString(locale())) : whole,
  );
}

export function t(key: Key, values: Values = {}): string {
  const { texts, plural } = shown.value;
  const n = typeof values.n === "number" ? values.n : 2;
  // French and Spanish have a form "many" for round millions; no hall is that large.
  return fill(texts[key] ?? key, values, plural.select(n) === "one" ? "one" : "other");
}

/** Fetches the catalogue that this reader gets, and shows it; English when that one cannot be had. */
export async function startLanguage(): Promise<void> {
  const wanted = choose(location.search, document.cookie, navigator.languages);
  const load = async (language: Language): Promise<void> => show(language, await loaders[language]());
  await load(wanted).catch(() => load("en"));
}

/** The reader's own choice: kept from here on. Fails when its catalogue cannot be fetched. */
export async function takeLanguage(wanted: Language): Promise<void> {
  const texts = await loaders[wanted]();
  document.cookie = keptAs(wanted, location.protocol === "https:");
  // What the address names would win when the page is loaded again.
  const address = new URL(location.href);
  address.searchParams.delete("lang");
  if (address.href !== location.href) history.replaceState(history.state, "", address);
  show(wanted, texts);
}
